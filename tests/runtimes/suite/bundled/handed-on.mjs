// The package by its name, and again by libraries that hand it on: one imports it, and another may require it.

import { Client } from "latchkey";
import * as library from "library";
import { early, run } from "../suite.mjs";
import { check, judge } from "../world.mjs";

// In global scope, as people make their clients.
const made = early(library);

/** What the suite says of the package, as a library hands it on, and whether it is one module whoever does. */
export async function perform(sandbox, ...others) {
  return judge(await run(library, sandbox, made), "it is one module, whoever hands it on", () => {
    for (const other of [library, ...others]) check(other.Client === Client, "there are two");
  });
}
