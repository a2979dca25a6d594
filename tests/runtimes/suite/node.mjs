import * as latchkey from "latchkey";
import { early, run } from "./suite.mjs";

console.log(JSON.stringify(await run(latchkey, process.argv[2], early(latchkey))));
