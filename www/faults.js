// What can be made to go wrong with one click. Each does it, and then what an application would do: call the service.

import { isToken } from "./timeline.js";

const outage = { kind: "status", status: 503, times: null };
const busy = { kind: "retryAfter", seconds: 2 };
const slow = { kind: "delay", seconds: 2 };
/** Milliseconds that an outage lasts. */
const OUTAGE = 2000;

/**
 * By name: a title, what it does, and `run`, which is given the stage: `client`, `world`, `service`, `life()`, `call()`,
 * `until(holds)`. `tokens`: there is nothing to it where the credential is a static key.
 */
export const FAULTS = {
  due: {
    title: "Nearly over",
    text: "Time passes until the token is due. The call does not wait for the refresh.",
    tokens: true,
    async run(stage) {
      await due(stage);
      const before = await asked(stage);
      await stage.call();
      await stage.until(async () => (await asked(stage)) > before);
    },
  },
  expire: {
    title: "Expire now",
    text: "Time passes until the token has expired. The call gets a new one first.",
    tokens: true,
    async run(stage) {
      await stage.client.token();
      await stage.world.pass(stage.life().left + 1);
      await stage.call();
    },
  },
  revoke: {
    title: "Revoke",
    text: "The service refuses the token: one 401, one refresh, one replay.",
    tokens: true,
    async run(stage) {
      await stage.client.token();
      await stage.world.revoke(stage.service);
      await stage.call();
    },
  },
  limit: {
    title: "429",
    text: "“Retry after 2 seconds.” It waits so long, and asks again.",
    run: (stage) => struck(stage, busy),
  },
  outage: {
    title: "Outage",
    text: "503 while a refresh is due. Calls go on with the token at hand, and tries are spaced out until one succeeds.",
    async run(stage) {
      if (!stage.fixed) await due(stage);
      if (stage.fixed) return struck(stage, outage);
      await strike(stage, outage);
      const end = Date.now() + OUTAGE;
      await stage.until(async () => (await stage.call()) && Date.now() > end);
      await stage.world.mend();
      // When the back-off is over, one of the calls finds the service well again.
      await stage.until(async () => (await stage.call()) && (await stage.world.log()).findLast(isToken).status === 200);
    },
  },
  slow: {
    title: "Slow",
    text: "The service takes two seconds to answer, and is waited for.",
    run: (stage) => struck(stage, slow),
  },
  skew: {
    title: "Skewed clock",
    text: "This machine’s clock goes two hours ahead, or back. Expiry is judged by the server’s.",
    tokens: true,
    async run(stage) {
      stage.world.skew = stage.world.skew === 0 ? 7200 : 0;
      stage.client.invalidate();
      await stage.call();
    },
  },
  crowd: {
    title: "100 callers",
    text: "No token, and a hundred calls at once: the service is asked for one.",
    async run(stage) {
      stage.client.invalidate();
      await Promise.all(Array.from({ length: 100 }, stage.call));
    },
  },
};

const asked = async ({ world }) => (await world.log()).filter(isToken).length;

/** Lets time pass to a second after the refresh window has begun. */
async function due({ client, world, life }) {
  await client.token();
  const { left, window } = life();
  if (left > window) await world.pass(left - window + 1);
}

/** What goes wrong strikes the requests that Latchkey makes itself: for tokens, or to a static key's own routes. */
const strike = ({ world, service, fixed }, fault) =>
  world.fault({ service, on: fixed ? "any" : "token", ...fault });

/** Has Latchkey make one of these, and something go wrong with it. */
async function struck(stage, fault) {
  await strike(stage, fault);
  const { client, fixed } = stage;
  await (fixed ? client.keys.status() : client.token({ forceRefresh: true }));
}
