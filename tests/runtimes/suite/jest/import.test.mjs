import { writeFileSync } from "node:fs";
import * as latchkey from "latchkey";
import { early, run } from "../suite.mjs";

test("the suite", async () => {
  const outcome = await run(latchkey, process.env.SANDBOX, early(latchkey));
  writeFileSync(process.env.OUTCOME, JSON.stringify(outcome));
}, 120_000);
