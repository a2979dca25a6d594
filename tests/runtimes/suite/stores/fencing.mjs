// What a lease promises, of any store that has them.

import { check, same } from "../world.mjs";

/** Whether one at a time holds it, it ends by itself, and who had it before writes nothing any more. Tells that it is so. */
export async function fencing(store) {
  const key = `latchkey:${crypto.randomUUID()}`;
  same((await store.get(key)) ?? null, null, "what nobody wrote");
  const first = await store.lease(key, 1);
  check(first, "nobody holds it, and it is not given");
  check(!(await store.lease(key, 1)), "two hold it");
  check(await store.lease(`${key}-other`, 1), "another's is held too");
  await store.set(key, "first", 60, first);
  same(await store.get(key), "first", "what was written");
  let second;
  for (const began = Date.now(); !second; ) {
    check(Date.now() - began < 10_000, "it never ends");
    second = await store.lease(key, 60);
  }
  await store.set(key, "late", 60, first);
  await first.release();
  same(await store.get(key), "first", "after one that came late");
  check(!(await store.lease(key, 1)), "the late one gave back what was another's");
  await store.set(key, "second", 60, second);
  await second.release();
  same(await store.get(key), "second", "what the second wrote");
  const third = await store.lease(key, 60);
  check(third, "what was given back is held still");
  await store.set(key, "late", 60, second);
  same(await store.get(key), "second", "after the second came late");
  await third.release();
  await store.set(key, "short", 1);
  for (const began = Date.now(); (await store.get(key)) === "short"; ) check(Date.now() - began < 10_000, "it is kept for ever");
  await store.set(key, "last", 60);
  await store.delete(key);
  same((await store.get(key)) ?? null, null, "what was deleted");
  return "fenced";
}
