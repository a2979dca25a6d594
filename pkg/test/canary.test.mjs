// The canaries of the suite, and all that Node can print: none of them sings in an error, an event, the console, a print of a client,
// JSON, a stack or an address.

import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import * as latchkey from "latchkey";
import { SECRETS, sing } from "../../tests/runtimes/suite/canary.mjs";
import { prints, world } from "./support.mjs";

for (const provider of Object.keys(SECRETS)) {
  test(`${provider}: no credential and no token shows, whatever happens`, async (t) => {
    const w = Object.assign(await world(t, { refreshTokens: true }), { latchkey });
    const said = [];
    for (const name of ["log", "info", "warn", "error", "debug", "trace"]) {
      t.mock.method(console, name, (...given) => said.push(given.map((value) => inspect(value)).join(" ")));
    }
    const secrets = await sing(w, provider, (value) => said.push(...prints(value)));
    assert.ok(said.length > 100, "little was heard");
    for (const text of said) {
      for (const secret of secrets) assert.ok(!text.includes(secret), `a secret shows in ${text}`);
    }
  });
}
