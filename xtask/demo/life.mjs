// The life of a token: acquired, read, kept, refreshed ahead of its end and at it, replaced when the service refuses it.

import { Client, decode, expiresAt, isExpired } from "../../pkg/dist/node.mjs";
import { keep } from "./guard.mjs";
import { expect, span } from "./steps.mjs";

const clock = (date) => `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** The constructor's call, as the demo makes it. */
export function code({ provider, ...fields }) {
  return `new Client({ ${[`provider: "${provider}"`, ...Object.keys(fields)].join(", ")} })`;
}

/** A client that tells `heard(type)` of its next event. */
export function listening(world, config) {
  const waiting = new Map();
  const onEvent = (event) => waiting.get(event.type)?.(event);
  const client = new Client({ ...config, now: world.now, onEvent });
  return { client, heard: (type) => new Promise((resolve) => waiting.set(type, resolve)) };
}

/** Lives it through. `sameUntilExpiry`: the service gives one token until it expires, so that asking early is no use. */
export async function life(steps, world, service, text, config, { sameUntilExpiry = false } = {}) {
  steps.title(config.provider, text, code(config));
  const { client, heard } = listening(world, config);
  const counted = (name, wanted, work) => steps.counted(name, world, service, wanted, work);
  const left = () => Math.ceil((expiresAt(held) - world.now()) / 1000);
  const token = async () => keep(await client.token());
  let held;
  await counted("token()", 1, async () => {
    held = await token();
    return "acquired in {time}";
  });
  await steps.step("decode(), expiresAt()", () => {
    const { header, claims } = decode(held);
    const end = expiresAt(held);
    expect(isExpired(held, { now: world.now() }), false, "isExpired");
    expect(Math.abs(client.expiresAt - end) < 2000, true, "client.expiresAt agrees");
    return `${header.alg}, for ${claims.sub}, until ${clock(end)}: ${span(left())}`;
  });
  await counted("token() again", 0, async () => {
    expect((await token()) === held, true, "the same token");
    return "the same, in {time}";
  });
  if (!sameUntilExpiry) {
    const early = Math.min(100, left() / 10);
    await world.pass(left() - early);
    await counted(`${span(early)} before its end`, 1, async () => {
      const refreshed = heard("token");
      expect((await token()) === held, true, "the old token");
      expect((await refreshed).reason, "early", "reason");
      const next = await token();
      expect(next === held, false, "still the old token");
      held = next;
      return "the old one at once, a new one fetched behind it";
    });
  }
  const life = span(left());
  await world.pass(left() + 1);
  await counted(`${life} later`, 1, async () => {
    expect(isExpired(held, { now: world.now() }), true, "isExpired");
    const tokens = await Promise.all(Array.from({ length: 100 }, token));
    expect(new Set(tokens).size, 1, "different tokens");
    expect(tokens[0] === held, false, "still the old token");
    return "expired: 100 callers wait for one new token";
  });
  await world.revoke(service);
  await counted("fetch(), token revoked", 1, async () => {
    const refused = heard("unauthorized");
    const { status } = await client.fetch("/whoami");
    expect(status, 200, "status");
    expect((await refused).replayed, true, "replayed");
    keep(await client.token());
    return `401, one refresh, one replay: ${status} in {time}`;
  });
  client.free();
}
