// What is called and answers at once: `node calls.mjs ROUNDS`, or in another runtime. Prints the contests.

import * as cached from "./cached.mjs";
import { measured, timeOfCall } from "./contest.mjs";
import * as jwt from "./jwt.mjs";

const rounds = Number(globalThis.process.argv[2]);
const contests = [...(await cached.contests()), ...(await jwt.contests())];
console.log(JSON.stringify(await measured(contests, rounds, timeOfCall)));
