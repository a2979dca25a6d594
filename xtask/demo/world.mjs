// A world of the sandbox: its services, and its time, which passes when it is told to.

export class World {
  #ahead = 0;

  /** A new one, with `url`, `services` and `credentials` as the sandbox tells them. */
  static async create(sandbox) {
    const { url } = await call("POST", `${sandbox}/worlds`);
    return Object.assign(new World(), await call("GET", `${url}/_sandbox`));
  }

  /** What time it is there. */
  now = () => new Date(Date.now() + this.#ahead * 1000);

  /** Lets so many seconds pass at once. */
  async pass(seconds) {
    this.#ahead += Math.ceil(seconds);
    await this.set({ clockOffset: this.#ahead });
  }

  /** Changes settings of the world, such as how long its tokens live. */
  set(settings) {
    return call("PATCH", `${this.url}/_sandbox/settings`, settings);
  }

  /** Does the work; gives its result, its milliseconds, and how many tokens the service was asked for meanwhile. */
  async watch(service, work) {
    const asked = async () => (await call("GET", `${this.url}/_sandbox/counters`))[`${service}.token`] ?? 0;
    const before = await asked();
    const start = performance.now();
    const result = await work();
    const time = performance.now() - start;
    return [result, time, (await asked()) - before];
  }

  /** Makes the service refuse all tokens that it gave so far. */
  revoke(service) {
    return call("POST", `${this.url}/_sandbox/revoke`, { service });
  }

  /** Makes something go wrong, once. */
  fault(fault) {
    return call("POST", `${this.url}/_sandbox/faults`, fault);
  }
}

async function call(method, url, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}
