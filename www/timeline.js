// The timeline: every request to the service, from the sandbox's own log, and every event of the client, drawn and listed.

import { byId, count, h, s } from "./dom.js";

/** Seconds that the picture shows at most and at least. */
const [LONGEST, SHORTEST] = [30, 8];
const LANES = { token: 24, calls: 98, events: 208, axis: 302 };
const ROWS = { token: 3, calls: 6 };
/** From one row of bars to the next, and how narrow a bar gets. */
const [ROW, NARROW] = [12, 4];

export class Timeline {
  #requests = [];
  #events = [];
  #took = [];
  #svg = byId("timeline");
  #list = byId("timeline-list");
  #summary = byId("timeline-summary");
  #listed = "";

  constructor() {
    new ResizeObserver(() => this.draw()).observe(this.#svg.parentElement);
  }

  clear() {
    [this.#requests, this.#events, this.#took, this.#listed] = [[], [], [], ""];
    this.draw();
  }

  /** A `fetch` that remembers how long each answer took: the sandbox's log tells only when a request came. */
  watching = async (input, init) => {
    const request = new Request(input, init);
    const entry = { method: request.method, path: new URL(request.url).pathname, start: Date.now() };
    this.#took.push(entry);
    try {
      return await fetch(request);
    } finally {
      entry.end = Date.now();
    }
  };

  /** Takes the sandbox's log. */
  setLog(entries) {
    const rest = [...this.#took];
    this.#requests = entries.map((entry) => {
      const found = rest.findIndex(({ method, path }) => method === entry.method && path.endsWith(entry.path));
      const [took] = found < 0 ? [] : rest.splice(found, 1);
      const at = Date.parse(entry.at);
      return { ...entry, at, end: Math.max(at, took ? (took.end ?? Date.now()) : at) };
    });
    this.draw();
  }

  /** Takes an event of the client. Its own `at` is by the client's clock, which may be wrong here. */
  addEvent(event) {
    const wait = event.type === "backoff" ? (event.until - event.at) / 1000 : event.delay;
    const at = Date.now();
    this.#events.push({ ...event, at, wait, end: wait === undefined ? at : at + wait * 1000 });
    this.draw();
  }

  draw() {
    const { width } = this.#svg.getBoundingClientRect();
    const all = [...this.#requests, ...this.#events];
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${LANES.axis + 26}`);
    this.#svg.setAttribute("height", LANES.axis + 26);
    const marks = [...this.#frame(width)];
    if (all.length > 0 && width > 0) {
      const last = Math.max(...all.map(({ at, end }) => Math.max(at, end)));
      const first = Math.min(...all.map(({ at }) => at)) - 500;
      // It stands still when nothing has happened for a while, so that it can be read.
      const until = Math.max(Math.min(Date.now(), last + 2000), last) + 500;
      const start = Math.max(first, until - LONGEST * 1000);
      const end = Math.max(until, start + SHORTEST * 1000);
      const x = (at) => ((at - start) / (end - start)) * width;
      const shown = ({ at, end }) => end >= start;
      const requests = this.#requests.filter(shown);
      const events = this.#events.filter(shown);
      marks.push(...ticks(start, end, x), ...bars(requests, x), ...replays(requests, events, x), ...flags(events, x, width));
    }
    this.#svg.replaceChildren(...marks);
    this.#describe(all);
  }

  *#frame(width) {
    for (const [lane, label] of [["token", "Requests for a token"], ["calls", "Calls"], ["events", "onEvent"]]) {
      yield s("text", { x: 0, y: LANES[lane] - 10, class: "lane" }, label);
    }
    for (const y of [LANES.calls - 30, LANES.events - 30, LANES.axis]) {
      yield s("line", { x1: 0, x2: width, y1: y, y2: y, class: "rule" });
    }
  }

  /** The same in words: a list, newest first, in which what repeats itself stands once. */
  #describe(all) {
    const lines = [];
    for (const entry of all.toSorted((a, b) => a.at - b.at)) {
      const line = entry.purpose ? ofRequest(entry) : ofEvent(entry);
      const before = lines.at(-1);
      if (before?.text === line.text) before.times += 1;
      else lines.push({ ...line, at: entry.at, times: 1 });
    }
    const shown = lines.slice(-60).reverse();
    const key = JSON.stringify(shown);
    if (key === this.#listed) return;
    this.#listed = key;
    this.#list.replaceChildren(
      ...shown.map(({ at, kind, text, times }) =>
        h(
          "li",
          { className: kind },
          h("time", { dateTime: new Date(at).toISOString() }, new Date(at).toISOString().slice(11, 23)),
          h("span", { className: "what" }, times > 1 ? `${times} × ${text}` : text),
        ),
      ),
    );
    const tokens = this.#requests.filter(isToken).length;
    this.#summary.textContent = `${count(tokens, "token request")}, ${count(this.#requests.length - tokens, "other request")}, ${count(this.#events.length, "event")}.`;
    this.#svg.setAttribute("aria-label", `Timeline: ${this.#summary.textContent} The list below says the same.`);
  }
}

export const isToken = ({ purpose }) => purpose === "token" || purpose === "discovery";

const failed = ({ status }) => status === null || status >= 400;

function ofRequest(entry) {
  const { method, path, status, faults } = entry;
  const why = faults.length > 0 ? ` (fault: ${faults.join(", ")})` : "";
  const kind = failed(entry) ? "failed" : isToken(entry) ? "token" : "call";
  return { kind, text: `${method} ${path} → ${status ?? "no answer yet"}${why}` };
}

function label(event) {
  switch (event.type) {
    case "token": return `token: ${event.reason}`;
    case "retry": return `retry ${event.attempt} in ${event.wait.toFixed(1)} s`;
    case "backoff": return `back-off ${event.wait.toFixed(1)} s`;
    case "unauthorized": return event.replayed ? "401, replayed" : "401, handed on";
    default: return `${event.type}: ${event.action}`;
  }
}

function ofEvent(event) {
  const why = event.code ? ` after ${event.status ?? event.code}` : "";
  return { kind: "event", text: `onEvent · ${label(event)}${why}` };
}

function* ticks(start, end, x) {
  const step = end - start > 15_000 ? 5000 : 2000;
  for (let at = Math.ceil(start / step) * step; at < end; at += step) {
    if (x(at) < 24 || x(at) > x(end) - 24) continue;
    yield s("line", { x1: x(at), x2: x(at), y1: LANES.token, y2: LANES.axis, class: "grid" });
    yield s("text", { x: x(at), y: LANES.axis + 18, class: "tick" }, new Date(at).toISOString().slice(14, 19));
  }
}

/** The requests as bars as long as they took, beside each other where they overlap. */
function* bars(requests, x) {
  const free = { token: [], calls: [] };
  for (const request of requests) {
    const lane = isToken(request) ? "token" : "calls";
    const from = x(request.at);
    const width = Math.max(NARROW, x(request.end) - from);
    const rows = free[lane];
    const limit = ROWS[lane];
    let row = rows.findIndex((until) => until <= from);
    if (row < 0) row = rows.length < limit ? rows.length : request.n % limit;
    rows[row] = Math.max(rows[row] ?? 0, from + width + 1);
    const y = LANES[lane] + row * ROW;
    const kind = failed(request) ? "failed" : lane;
    yield s("rect", { x: from, y, width, height: ROW - 3, rx: 1.5, class: `bar ${kind}` }, s("title", {}, ofRequest(request).text));
    // Not by colour alone: what failed is struck through as well.
    if (kind === "failed") yield s("path", { d: `M${from - 2} ${y + ROW - 1}l${Math.max(8, width + 4)} -${ROW + 1}`, class: "strike" });
  }
}

/** An arc from each call that was refused to the one that took its place. */
function* replays(requests, events, x) {
  const calls = requests.filter((request) => !isToken(request));
  for (const event of events.filter(({ type, replayed }) => type === "unauthorized" && replayed).slice(-6)) {
    const refused = calls.findLast(({ status, at }) => status === 401 && at <= event.at);
    const again = refused && calls.find(({ n, path, status }) => n > refused.n && path === refused.path && status !== 401);
    if (!again) continue;
    const [from, to] = [x(refused.at) + 2, x(again.at) + 2];
    const [y, middle] = [LANES.calls - 2, (from + to) / 2];
    yield s("path", { d: `M${from} ${y}Q${middle} ${y - 18} ${to} ${y}`, class: "replay" }, s("title", {}, "replayed"));
  }
}

/** The events, each with its name where there is room for it, and for how long a back-off holds. */
function* flags(events, x, width) {
  const rows = [0, 0, 0, 0, 0];
  for (const event of events) {
    const text = label(event);
    const length = text.length * 6.6 + 16;
    const at = Math.max(3, x(event.at));
    // Near the edge the name stands before its mark.
    const before = at + length > width;
    const start = before ? at - length : at;
    const row = rows.findIndex((until) => until <= start);
    // What has no room for its name stands on the axis, clear of the others' names.
    const y = row < 0 ? LANES.axis - 3 : LANES.events + row * 18;
    if (event.wait) yield s("rect", { x: at, y: y - 4, width: Math.max(2, x(event.end) - at), height: 14, class: "wait" });
    yield s("circle", { cx: at, cy: y + 3, r: 3, class: `mark ${event.type}` }, s("title", {}, text));
    if (row < 0) continue;
    rows[row] = Math.max(start + length, x(event.end)) + 4;
    const place = before ? { x: at - 8, "text-anchor": "end" } : { x: at + 8 };
    yield s("text", { ...place, y: y + 7, class: "flag" }, text);
  }
}
