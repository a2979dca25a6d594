const { writeFileSync } = require("node:fs");
const latchkey = require("latchkey");
// The suite as CommonJS, which the runner makes of it.
const { early, run } = require("./suite.cjs");

test("the suite", async () => {
  const outcome = await run(latchkey, process.env.SANDBOX, early(latchkey));
  writeFileSync(process.env.OUTCOME, JSON.stringify(outcome));
}, 120_000);
