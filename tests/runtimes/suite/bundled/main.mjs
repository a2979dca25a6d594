// What a bundler is given: the package by its name, and again by two libraries that hand it on.

import { Client } from "latchkey";
import { early, run } from "../suite.mjs";
import * as library from "library";
import older from "older";

const sandbox = globalThis.location ? new URLSearchParams(location.search).get("sandbox") : globalThis.process.argv[2];

async function perform() {
  const outcome = await run(library, sandbox, early(library));
  const name = "it is one module, whoever hands it on";
  const isOne = library.Client === Client && older.Client === Client;
  return isOne ? { ...outcome, passed: outcome.passed + 1 } : { ...outcome, failures: [...outcome.failures, { name, message: "" }] };
}

globalThis.outcome = perform();
if (!globalThis.location) globalThis.outcome.then((outcome) => console.log(JSON.stringify(outcome)));
