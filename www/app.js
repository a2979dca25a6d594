// The page: a client of the service that was picked, in a world of its own, and what happens to its token.

import { Client, decode } from "./latchkey/inline.js";
import { byId, count, h, words } from "./dom.js";
import { FAULTS } from "./faults.js";
import { Inspector, table } from "./inspector.js";
import { KeyTable } from "./keys.js";
import { Ring, rows } from "./ring.js";
import { SERVICES, codeOf, configOf, serviceOf } from "./services.js";
import { Timeline, isToken } from "./timeline.js";
import { World } from "./world.js";

/** Seconds that a token lives here, so that a person sees it end. */
const LIFETIME = 120;
/** Milliseconds between two looks at the log, while something goes on. */
const LOOK = 300;
const PATIENCE = 20_000;

const ring = new Ring();
const timeline = new Timeline();
const inspector = new Inspector();
const verdict = byId("verdict");

/** What `run` of a fault is given: the client, its world, and what an application would do. */
let stage;
let token;
let busy = false;

class Stage {
  constructor(provider, world) {
    this.provider = provider;
    this.world = world;
    this.service = serviceOf(provider);
    this.fixed = SERVICES[provider].static === true;
    const config = configOf(provider, world, timeline.watching);
    byId("code").textContent = codeOf(config);
    const onEvent = (event) => this.#onEvent(event);
    this.client = new Client({ ...config, now: world.now, fetch: timeline.watching, onEvent });
  }

  #onEvent(event) {
    if (stage !== this) return;
    timeline.addEvent(event);
    if (event.type === "token") void readToken(this);
  }

  /** Looks until something holds. */
  async until(holds) {
    for (const end = Date.now() + PATIENCE; !(await holds()); await new Promise((resolve) => setTimeout(resolve, LOOK))) {
      if (Date.now() > end) throw new Error("it did not come about");
    }
  }

  call = async () => {
    const response = await this.client.fetch("/whoami");
    await response.text();
    return response;
  };

  /** The token's life in seconds, by this machine's clock, in whose terms the client gives it. */
  life = () => {
    if (this.fixed) return token && "static";
    const { expiresAt } = this.client;
    if (expiresAt === undefined) return undefined;
    const left = (expiresAt - this.world.now()) / 1000;
    const { exp, iat } = token?.claims ?? {};
    const lifetime = exp - iat || LIFETIME;
    return { left, lifetime, window: Math.min(300, lifetime / 5) };
  };
}

async function pick(provider) {
  const world = await World.create(LIFETIME);
  const before = stage;
  token = undefined;
  timeline.clear();
  stage = new Stage(provider, world);
  before?.client.free();
  void before?.world.end();
  byId("how").textContent = SERVICES[provider].how;
  for (const [name, fault] of Object.entries(FAULTS)) byId(`fault-${name}`).disabled = stage.fixed && fault.tokens === true;
  byId("refresh").disabled = byId("logout").disabled = stage.fixed;
  await act("token()", () => stage.client.token());
}

/** Does something with the client, and says what the service was asked meanwhile. */
async function act(name, work) {
  if (busy) return;
  busy = true;
  byId("workbench").setAttribute("aria-busy", "true");
  const { world } = stage;
  const looking = setInterval(look, LOOK);
  const before = (await world.log()).at(-1)?.n ?? 0;
  let failure;
  try {
    await work(stage);
  } catch (error) {
    failure = error;
  }
  await world.mend();
  clearInterval(looking);
  const log = await look();
  const made = log.filter(({ n }) => n > before);
  verdict.className = failure ? "verdict bad" : "verdict good";
  verdict.textContent = `${name}: ${told(made)}${failure ? ` ${words(failure)}.` : ""}`;
  busy = false;
  byId("workbench").removeAttribute("aria-busy");
  draw();
}

/** What was asked of the service, in one sentence. */
function told(requests) {
  if (requests.length === 0) return "the service was asked for nothing.";
  const statuses = (some) => [...new Set(some.map(({ status }) => status ?? "none"))].join(", ");
  const kinds = { "token request": requests.filter(isToken), call: requests.filter((request) => !isToken(request)) };
  const parts = Object.entries(kinds).filter(([, some]) => some.length > 0);
  return `${parts.map(([noun, some]) => `${count(some.length, noun)} (${statuses(some)})`).join(", ")}.`;
}

/** Looks at the log, and draws it. */
async function look() {
  const { world } = stage;
  const log = await world.log();
  if (stage.world === world) timeline.setLog(log);
  return log;
}

/** Reads the token that the client has just got. */
async function readToken(of) {
  const text = await of.client.token();
  const [[name, value] = []] = Object.entries(await of.client.headers());
  if (stage !== of) return;
  token = { text, claims: undefined };
  try {
    token.claims = decode(text).claims;
  } catch {
    // A static key is no JWT, and an opaque token says nothing.
  }
  const shown = value.endsWith(text) ? value.slice(0, -text.length) : "";
  byId("header").textContent = `${name}: ${shown}${text.slice(0, 6)}…`;
  draw();
}

/** What changes with time: the ring, and what is left. */
function draw() {
  ring.show(stage.life());
  const held = token && (stage.fixed || stage.client.expiresAt !== undefined);
  byId("inspect").disabled = !held || token.claims === undefined;
  byId("header-line").hidden = !held;
  const place = byId("claims");
  if (!held) return place.replaceChildren(h("p", { className: "muted" }, "There is no token now."));
  if (token.claims === undefined) return place.replaceChildren(h("p", { className: "muted" }, "It is no JWT: there are no claims to read."));
  // `exp` is by the server's clock, which this machine's may be hours away from.
  const server = new Date(stage.world.now().getTime() - stage.world.skew * 1000);
  const claims = table(rows(token.claims, server));
  if (stage.world.skew !== 0) claims.append(h("dt", {}, "clock"), h("dd", {}, "this machine’s is two hours ahead"));
  if (claims.textContent !== place.textContent) place.replaceChildren(claims);
}

// ---- what a person can do

for (const [provider, { name }] of Object.entries(SERVICES)) {
  const input = h("input", { type: "radio", name: "service", value: provider, id: `service-${provider}` });
  input.onchange = () => whenIdle(() => pick(provider));
  byId("services").append(h("div", { className: "chip" }, input, h("label", { for: input.id }, name)));
}

for (const [name, { title, text, run }] of Object.entries(FAULTS)) {
  const button = h("button", { type: "button", id: `fault-${name}`, className: "fault", onclick: () => act(title, run) });
  button.append(h("strong", {}, title), h("span", {}, text));
  byId("faults").append(button);
}

/** Waits for what is going on. The last pick counts. */
let wanted;
async function whenIdle(work) {
  wanted = work;
  while (busy) await new Promise((resolve) => setTimeout(resolve, LOOK));
  if (wanted === work) await work();
}

byId("call").onclick = () => act("fetch()", ({ call }) => call());
byId("refresh").onclick = () => act("token({ forceRefresh: true })", ({ client }) => client.token({ forceRefresh: true }));
byId("logout").onclick = () => act("logout()", ({ client }) => client.logout());
byId("inspect").onclick = () => inspector.show(token.text);

setInterval(() => stage && draw(), 500);
setInterval(() => {
  if (byId("keep-calling").checked && !document.hidden) void act("fetch()", ({ call }) => call());
}, 2000);

byId("service-masivo").checked = true;
await Promise.all([pick("masivo"), new KeyTable().start()]);
document.documentElement.dataset.ready = "true";
