// The soak of `cargo xtask soak`, as short as a test can be. It has the process to itself: it looks at what it leaves behind.

import assert from "node:assert/strict";
import test from "node:test";
// Before the package, whose memory it watches.
import "../../tests/soak/memory.mjs";
import { soak } from "../../tests/soak/soak.mjs";
import { sandbox } from "./support.mjs";
import * as latchkey from "latchkey";

const SEED = 20_260_101;

test("twenty thousand calls to services that misbehave leave nothing behind, and ask for no more tokens than they need", async () => {
  const { outcomes, requests } = await soak(latchkey, sandbox, { calls: 20_000, seed: SEED });
  assert.ok(outcomes.ok > 10_000, `few went well: ${JSON.stringify(outcomes)}`);
  assert.ok(Object.keys(outcomes).length > 3, `little went wrong: ${JSON.stringify(outcomes)}`);
  assert.ok(requests.masivo.asked > 10, "time did not pass");
});
