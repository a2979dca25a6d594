// How contestants are measured: in rounds, in each of which every contestant has its turn, so that whatever slows the machine
// down for a while slows them all. Every other round goes backwards, as who comes later in a round may have it warmer.
// A contest is `{ what, unit, rounds: [[ours, peer, …], …], peers: [{ name, reach }] }`: `reach` is the most that ours may be,
// in times of that peer's; a peer without it is there to look at. Where it comes out the same each time, it is `exact`. Who judges it is `xtask/src/bench.rs`.

/** The measures of every round. `measures` are functions, the first of them Latchkey's, that each give a number. */
export async function interleaved(rounds, measures) {
  const all = [];
  // The first round warms up, and counts for nothing.
  for (let round = 0; round <= rounds; round++) {
    const row = [];
    const order = [...measures.keys()];
    if (round % 2) order.reverse();
    for (const at of order) row[at] = await measures[at]();
    if (round > 0) all.push(row);
  }
  return all;
}

/** Measures contests one after the other. Each has `runs`, of each contestant a function that makes so many calls; `measure` makes of
 * such a function one that gives what a call takes, in nanoseconds. */
export async function measured(contests, rounds, measure) {
  const all = [];
  for (const { what, peers, runs } of contests) {
    const measures = [];
    for (const run of runs) measures.push(await measure(run));
    all.push({ what, unit: "ns", peers, rounds: await interleaved(rounds, measures) });
  }
  return all;
}

/** The least that one turn takes, in milliseconds: long beside the clock's own coarseness. */
const TURN = 25;

/** A measure of `call`, which makes so many calls: what one of them takes, in nanoseconds. `turn` is the least that so many are to
 * take, and `nothing` what of it is none of theirs, in milliseconds. */
export async function timeOfCall(call, turn = TURN, nothing = async () => 0) {
  let count = 16;
  const once = () => time(() => call(count));
  // Of two: a hiccup of the machine must not pass for many calls.
  while (Math.min(await once(), await once()) < turn) count *= 2;
  return async () => (((await once()) - (await nothing())) / count) * 1e6;
}

/** What it takes, in milliseconds. */
export async function time(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Calls it so many times. */
export const repeated = (call) => (count) => {
  for (let at = 0; at < count; at++) call();
};

/** The same, where each call gives a promise that is awaited before the next. */
export const awaited = (call) => async (count) => {
  for (let at = 0; at < count; at++) await call();
};

/** The middle one. */
export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
