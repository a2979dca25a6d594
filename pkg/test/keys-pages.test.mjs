// Listing keys: at every page size, with few and many, and while they are deleted.

import assert from "node:assert/strict";
import test from "node:test";
import { GENERATIONS } from "./rotating.mjs";
import { rejects, world } from "./support.mjs";

const SIZES = Array.from({ length: 100 }, (_, index) => index + 1);

const ids = (keys) => keys.map(({ id }) => id);

/** What it lists. An iteration that does not end would list more than there is. */
async function all(iterable, most) {
  const found = [];
  for await (const { id } of iterable) {
    found.push(id);
    assert.ok(found.length <= most, `more than ${most} keys`);
  }
  return found;
}

for (const { apiVersion, service } of GENERATIONS) {
  /** A service with so many keys, and all their ids. */
  const open = async (t, count) => {
    const w = await world(t);
    const { keys } = w.client("masumi", { service, apiVersion });
    const own = await keys.status();
    return { w, keys, every: [own.id, ...(await w.addKeys(service, count - 1))] };
  };

  for (const count of [1, 99, 100, 101]) {
    test(`${apiVersion}: ${count} keys are listed at every page size, each once and in order`, async (t) => {
      const { w, keys, every } = await open(t, count);
      for (const pageSize of SIZES) {
        assert.deepEqual(await all(keys.list({ pageSize }), count), every, `at ${pageSize}`);
      }
      const log = await w.log();
      for (const { path, query } of log.filter(({ query }) => query)) {
        const asked = Number(new URLSearchParams(query).get(apiVersion === "0.28" ? "take" : "limit"));
        assert.ok(asked >= 1 && asked <= 100, `${path}?${query}`);
      }
    });
  }

  test(`${apiVersion}: a thousand keys are listed at every page size`, async (t) => {
    const { keys, every } = await open(t, 1000);
    // Side by side, as they wait for the service and not for each other.
    await Promise.all(
      SIZES.map(async (pageSize) => {
        assert.deepEqual(await all(keys.list({ pageSize }), 1000), every, `at ${pageSize}`);
      }),
    );
  });

  test(`${apiVersion}: page after page by hand is the same as all at once, at every page size`, async (t) => {
    const { keys, every } = await open(t, 101);
    for (const pageSize of apiVersion === "0.28" ? SIZES : [1, 2, 50, 99, 100]) {
      const pages = keys.list({ pageSize });
      const found = [];
      for (let page; (page = await pages.page(found.at(-1))).length > 0; ) {
        assert.ok(page.length <= pageSize, `a page of ${page.length} at ${pageSize}`);
        found.push(...ids(page));
        assert.ok(found.length <= every.length, "it ends");
      }
      assert.deepEqual(found, every, `at ${pageSize}`);
    }
  });

  test(`${apiVersion}: no keys at all are an empty list at every page size`, async (t) => {
    const { w, keys } = await open(t, 1);
    const body = { status: "success", data: { ApiKeys: [] } };
    await w.fault({ kind: "body", body, service, on: "/api-key", method: "GET", times: null });
    for (const pageSize of SIZES) {
      assert.deepEqual(await all(keys.list({ pageSize }), 0), []);
      assert.deepEqual(await keys.list({ pageSize }).page(), []);
    }
  });

  test(`${apiVersion}: keys that are deleted between pages make no other one come twice or be left out`, async (t) => {
    for (const pageSize of [1, 2, 3, 7, 10, 50, 99, 100]) {
      const { w, keys, every } = await open(t, 203);
      const found = [];
      const deleted = new Set();
      for await (const { id } of keys.list({ pageSize })) {
        assert.ok(found.push(id) <= every.length, "it ends");
        if (found.length % 3) continue;
        // One that was listed, and one of a page that is yet to come: the list goes on at neither.
        const at = every.indexOf(id);
        const doomed = [every[at - 1], every[at + 3 * pageSize]].filter((key) => key && key !== every[0]);
        doomed.forEach((key) => deleted.add(key));
        await w.deleteKeys(service, doomed);
      }
      assert.equal(new Set(found).size, found.length, `at ${pageSize}: one came twice`);
      const missing = every.filter((id) => !found.includes(id) && !deleted.has(id));
      assert.deepEqual(missing, [], `at ${pageSize}: some were left out`);
      assert.deepEqual(found, every.filter((id) => found.includes(id)), "in order");
    }
  });

  test(`${apiVersion}: where the very key is deleted that the list goes on at, it does not end as if that were all`, async (t) => {
    for (const pageSize of [1, 3, 99, 100]) {
      const { w, keys, every } = await open(t, 250);
      const pages = keys.list({ pageSize })[Symbol.asyncIterator]();
      const found = [];
      // Not on the first page, whose one key may be the client's own.
      const last = pageSize === 100 ? 199 : 2 * pageSize; // where the second page ends
      while (found.length < last) found.push((await pages.next()).value.id);
      await w.deleteKeys(service, [found.at(-1)]);
      await rejects(all({ [Symbol.asyncIterator]: () => pages }, every.length), {
        code: "ERR_CONFLICT",
        message: "list again",
      });
      const rest = every.filter((id) => id !== found.at(-1));
      assert.deepEqual(await all(keys.list({ pageSize }), rest.length), rest);
    }
  });

  test(`${apiVersion}: keys that are made meanwhile come at the end`, async (t) => {
    const { w, keys, every } = await open(t, 10);
    const found = [];
    for await (const { id } of keys.list({ pageSize: 5 })) {
      if (found.push(id) === 7) every.push(...(await w.addKeys(service, 20)));
    }
    assert.deepEqual(found, every);
  });
}
