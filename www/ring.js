// The ring: what is left of a token's life, down to the refresh window and to its end.

import { byId, instant, s, span } from "./dom.js";

const RADIUS = 88;

export class Ring {
  #remaining;
  #window;
  #state = byId("ring-state");
  #left = byId("ring-left");
  #note = byId("ring-note");
  #image = byId("ring");

  constructor() {
    const circle = (name) => s("circle", { class: name, cx: 100, cy: 100, r: RADIUS, pathLength: 1 });
    this.#window = circle("ring-window");
    this.#remaining = circle("ring-remaining");
    this.#image.append(circle("ring-track"), this.#remaining, this.#window);
    this.show(undefined);
  }

  /** Draws it. `life`: `{ left, lifetime, window }` in seconds, or "static" for what never ends, or nothing. */
  show(life) {
    if (life === undefined) return this.#draw(0, 0, "No token", "–", "It is asked for when it is first needed.");
    if (life === "static") return this.#draw(1, 0, "Static key", "∞", "It does not expire: nothing is refreshed.");
    const { left, lifetime, window } = life;
    const share = Math.min(1, Math.max(0, left / lifetime));
    const part = Math.min(1, window / lifetime);
    if (left <= 0) return this.#draw(0, part, "Expired", "0:00", "The next call gets a new one first.");
    const rest = span(left);
    if (left <= window) return this.#draw(share, part, "Refresh window", rest, "A call gets it at once, and a new one is fetched behind it.");
    this.#draw(share, part, "Fresh", rest, `Refreshed from ${span(window)} before its end.`);
  }

  #draw(share, part, state, left, note) {
    this.#remaining.setAttribute("stroke-dasharray", `${share} 1`);
    this.#remaining.toggleAttribute("hidden", share === 0);
    this.#window.setAttribute("stroke-dasharray", `${part} 1`);
    this.#image.dataset.state = state;
    this.#left.textContent = left;
    // These are read aloud when they change, so they change no more often than they must.
    if (this.#state.textContent === state && this.#note.textContent === note) return;
    this.#state.textContent = state;
    this.#note.textContent = note;
    this.#image.setAttribute("aria-label", `The token’s life: ${state}`);
  }
}

const INSTANTS = { exp: true, iat: true, nbf: true };

/** The rows of the claims: name, value, and what is to be said of it now. */
export function rows(claims, now) {
  return Object.entries(claims).map(([name, value]) => {
    if (!INSTANTS[name]) return { name, value: typeof value === "string" ? value : JSON.stringify(value) };
    const away = value - now.getTime() / 1000;
    return {
      name,
      value: instant(new Date(value * 1000)),
      note: name === "exp" ? (away > 0 ? `${span(away)} left` : `expired ${span(-away)} ago`) : undefined,
    };
  });
}
