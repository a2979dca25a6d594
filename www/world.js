// A world of the sandbox: services of its own, a clock of its own, and what can be made to go wrong there.

export class World {
  #ahead = 0;
  /** Seconds that this machine's clock is made to be wrong by. */
  skew = 0;

  /** A new one. Its tokens live for a minute or so, so that a person sees them end. */
  static async create(lifetime) {
    const { url } = await ask("POST", "/worlds");
    const world = Object.assign(new World(), await ask("GET", `${url}/_sandbox`));
    await world.set({ lifetime });
    return world;
  }

  /** What this machine's clock shows. */
  now = () => new Date(Date.now() + (this.#ahead + this.skew) * 1000);

  /** Lets so many seconds pass at once, here and at the services. */
  pass(seconds) {
    this.#ahead += Math.ceil(seconds);
    return this.set({ clockOffset: this.#ahead });
  }

  set = (settings) => ask("PATCH", `${this.url}/_sandbox/settings`, settings);

  /** Every request to a service so far. */
  log = () => ask("GET", `${this.url}/_sandbox/log`);

  /** Makes the service refuse all tokens that it gave so far. */
  revoke = (service) => ask("POST", `${this.url}/_sandbox/revoke`, { service });

  /** Makes something go wrong. */
  fault = (fault) => ask("POST", `${this.url}/_sandbox/faults`, fault);

  mend = () => ask("DELETE", `${this.url}/_sandbox/faults`);

  /** Fills the table of keys a little. */
  seedKeys = (count) => ask("POST", `${this.url}/_sandbox/masumi/keys`, { count });

  end = () => ask("DELETE", this.url);
}

async function ask(method, url, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}: ${text}`);
  return text && JSON.parse(text);
}
