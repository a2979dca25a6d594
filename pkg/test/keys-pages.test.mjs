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

/** What is deleted before a page is asked for: of what was found so far, and of all. */
const DELETIONS = {
  "the key at which the list goes on is": ({ found }) => found.slice(-1),
  "one of each page and one that is yet to come are": ({ found, every, pageSize }) => [
    found.at(-Math.ceil(pageSize / 2)),
    every[found.length + pageSize],
  ],
  "the whole last page is": ({ found, pageSize }) => found.slice(-pageSize),
  "all that were given are": ({ found }) => found,
  "all are": ({ every }) => every,
};

/** Does this with each, a few at a time. */
async function sideBySide(items, work) {
  const left = [...items];
  const next = async () => {
    while (left.length) await work(left.shift());
  };
  await Promise.all(Array.from({ length: 8 }, next));
}

/** A key as a service shows it. */
const row = (id, apiVersion) => ({
  id,
  token: `*****${id.slice(-4)}`,
  permission: "Read",
  usageLimited: true,
  status: "Active",
  RemainingUsageCredits: [],
  [apiVersion === "0.28" ? "NetworkLimit" : "networkLimit"]: [],
});

for (const { apiVersion, service } of GENERATIONS) {
  /** Keys whose every page but the first has this happen before it is asked for. */
  const listedThrough = (w, before) => {
    const road = async (input, init) => {
      if (new URL(input).search.includes("cursor")) await before();
      return fetch(input, init);
    };
    return w.client("masumi", { service, apiVersion, fetch: road }).keys;
  };

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

  /** Lists so many keys by pages of so many, and before each but the first deletes what `doomed` tells, of a list of its own. */
  const listWhileDeleting = async (t, count, pageSize, doomed) => {
    const { w, every } = await open(t, count);
    const found = [];
    const deleted = new Set();
    let pages = 0;
    const keys = listedThrough(w, async () => {
      // At the first pages, and then ever more seldom.
      const time = Math.log2(++pages);
      if (time % 1) return;
      // Not the client's own, which is the first.
      const ids = doomed[time % doomed.length]({ found, every, pageSize });
      const gone = ids.filter((id) => id && id !== every[0] && !deleted.has(id));
      gone.forEach((id) => deleted.add(id));
      await w.deleteKeys(service, gone);
    });
    for await (const { id } of keys.list({ pageSize })) assert.ok(found.push(id) <= count, "it ends");
    const where = `${count} at ${pageSize}`;
    assert.ok(count <= Math.max(pageSize, 2) || deleted.size > 0, `${where}: nothing was deleted`);
    // What was deleted may have been found before, and whatever else there is was found once and in order.
    assert.deepEqual(found, every.filter((id) => found.includes(id) || !deleted.has(id)), where);
  };

  for (const [what, doomed] of Object.entries(DELETIONS)) {
    // The other goes on at another cursor, and in the same way.
    if (apiVersion === "0.25") break;
    test(`${apiVersion}: ${what} deleted between pages, and no other is missing or comes twice, at every page size`, (t) =>
      sideBySide(SIZES, (pageSize) => listWhileDeleting(t, 101, pageSize, [doomed])));
  }

  for (const count of [1, 2, 99, 100, 1000]) {
    test(`${apiVersion}: ${count} keys, of which first one, then a page, then all before are deleted, at every page size`, (t) =>
      sideBySide(SIZES, (pageSize) => listWhileDeleting(t, count, pageSize, Object.values(DELETIONS).slice(0, -1))));
  }

  test(`${apiVersion}: a page after a key that is not there is an error, by hand`, async (t) => {
    const { w, keys, every } = await open(t, 10);
    const [gone] = every.splice(5, 1);
    await w.deleteKeys(service, [gone]);
    await rejects(keys.list().page(gone), { code: "ERR_NOT_FOUND", message: gone });
    assert.deepEqual(ids(await keys.list().page(every[4])), every.slice(5));
  });

  test(`${apiVersion}: a service that does not know its own cursors is found out`, async (t) => {
    const w = await world(t);
    const rows = SIZES.map((number) => row(`key-${number}`, apiVersion));
    // Whatever it is asked, it gives the same page.
    const body = { status: "success", data: { ApiKeys: rows } };
    await w.fault({ kind: "body", body, service, on: "/api-key", method: "GET", times: null });
    const { keys } = w.client("masumi", { service, apiVersion });
    await rejects(all(keys.list({ pageSize: 100 }), 100), { code: "ERR_RESPONSE", message: "does not end: does it know its cursor?" });
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
