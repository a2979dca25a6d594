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

/** A key gives way to another while it is in use: nobody is refused on the way. */
export async function rotation(steps, world, config) {
  steps.title("rotation", "a key gives way to another while it is in use", "await client.keys.rotate(id), then finish()");
  const admin = new Client(config).keys;
  const limits = { permission: "Admin", usageLimited: false, networks: ["Preprod"] };
  const old = await admin.create(limits);
  keep(old.secret.reveal());
  const client = new Client({ ...config, apiKey: old.secret.reveal() });
  const status = async (key) => (await new Client({ ...config, apiKey: key.secret.reveal() }).fetch("/api-key-status")).status;
  const used = async () => (await client.keys.status()).id;
  let rotation;
  await steps.step("keys.rotate() of its own key", async () => {
    const crowd = Promise.all(Array.from({ length: 20 }, () => client.fetch("/api-key-status")));
    rotation = await client.keys.rotate(old.id);
    keep(rotation.key.secret.reveal());
    expect((await crowd).filter((response) => response.status === 200).length, 20, "answers with 200");
    expect(rotation.key.permission, old.permission, "permission");
    expect(await used(), rotation.key.id, "the key in use");
    return `${about(rotation.key)}\nsecret ${rotation.key.secret}\nin use from now on; 20 requests on the way, none refused`;
  });
  await steps.step("before finish()", async () => {
    const both = [await status(old), await status(rotation.key)];
    expect(both.join(), "200,200", "statuses");
    return "the old key works, and so does the new one";
  });
  await steps.step("finish()", async () => {
    await rotation.finish();
    const both = [await status(old), await status(rotation.key)];
    expect(both.join(), "401,200", "statuses");
    return "the old key is revoked, the new one works";
  });
  await steps.step("abort() of another", async () => {
    const another = await client.keys.rotate(rotation.key.id);
    keep(another.key.secret.reveal());
    await another.abort();
    expect(await used(), rotation.key.id, "the key in use");
    return "back to the key before, and the one that was made is revoked";
  });
}
