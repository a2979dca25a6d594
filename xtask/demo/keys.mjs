// What has no token to exchange: static keys, and those of Masumi, which can be managed.

import { inspect } from "node:util";
import { Client } from "../../pkg/dist/node.mjs";
import { keep, shows } from "./guard.mjs";
import { code } from "./life.mjs";
import { expect } from "./steps.mjs";

/** A static key: nothing to exchange, only a header to get right. */
export async function staticKey(steps, world, service, text, config) {
  steps.title(config.provider, text, code(config));
  const client = new Client({ ...config, now: world.now });
  await steps.counted("fetch()", world, service, 0, async () => {
    const { status } = await client.fetch("/whoami");
    expect(status, 200, "status");
    return `${status} in {time}, header ${Object.keys(await client.headers())}`;
  });
  return client;
}

const ada = (credits) => credits.map(({ unit, amount }) => `${amount} ${unit || "lovelace"}`).join(" and ") || "none";
const about = ({ permission, status, credits }) => `${permission}, ${status}, credits ${ada(credits)}`;

/** The life of a key: made, seen once, changed, listed, used, and revoked. */
export async function keys(steps, world, config, { keys }) {
  // More than a JavaScript number can count.
  const amount = 9_007_199_254_740_993n;
  let made;
  await steps.step("keys.status()", async () => about(await keys.status()));
  await steps.step("keys.create()", async () => {
    made = await keys.create({ permission: "ReadAndPay", credits: [{ unit: "", amount }], networks: ["Preprod"] });
    keep(made.secret.reveal());
    const prints = [`${made.secret}`, inspect(made, { showHidden: true, depth: 9 }), JSON.stringify(made)];
    expect(prints.some(shows), false, "the secret shows");
    expect(made.credits[0].amount, amount, "credits");
    return `${about(made)}\nsecret ${made.secret}`;
  });
  await steps.step("keys.update()", async () => {
    const changed = await keys.update(made.id, { addCredits: [{ unit: "", amount: -2n }] });
    expect(changed.credits[0].amount, amount - 2n, "credits");
    expect(changed.networks.join(), "Preprod", "networks");
    return `${about(changed)}, to the last digit`;
  });
  await steps.step("keys.list()", async () => {
    const found = [];
    for await (const { id } of keys.list({ pageSize: 1 })) found.push(id);
    expect(found.includes(made.id), true, "listed");
    expect(new Set(found).size, found.length, "different keys");
    return `${found.length} keys, page by page`;
  });
  const other = new Client({ ...config, apiKey: made.secret.reveal() });
  await steps.rejects("keys.list() with the new key", "ERR_FORBIDDEN", () => other.keys.list().page());
  await steps.step("keys.revoke()", async () => {
    const revoked = await keys.revoke(made.id);
    expect(revoked.status, "Revoked", "status");
    return about(revoked);
  });
  await steps.rejects("the new key, revoked", "ERR_UNAUTHORIZED", () => other.keys.status());
}
