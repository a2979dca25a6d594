// An application that brings the core itself, as a file of its own.

import * as latchkey from "latchkey/slim";
import core from "latchkey/core.wasm?url";
import { early, run } from "../suite.mjs";

const sandbox = new URLSearchParams(location.search).get("sandbox");

globalThis.outcome = latchkey.ready(fetch(core)).then(() => run(latchkey, sandbox, early(latchkey)));
