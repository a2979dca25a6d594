// Runs the suite where the address says: in this page, or in a worker of it. `outcome` is what comes of it.

const query = new URLSearchParams(location.search);
const script = `here.mjs${location.search}`;

/** How each kind of worker is started. */
const starts = {
  worker: () => new Worker(script, { type: "module" }),
  "shared worker": () => new SharedWorker(script, { type: "module" }),
  "service worker": () => navigator.serviceWorker.register(script, { type: "module" }),
};

const told = new Promise((resolve, reject) => {
  new BroadcastChannel("outcome").onmessage = ({ data }) => resolve(data);
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    reject(new Error(`the policy's ${violatedDirective} forbids ${blockedURI}`)),
  );
});

async function perform() {
  const where = query.get("in");
  if (where === "page") return (await import("./here.mjs")).outcome;
  const worker = await starts[where]();
  const failed = new Promise((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message ?? `the ${where} cannot be started`));
  });
  return Promise.race([told, failed]);
}

globalThis.outcome = perform().catch((error) => ({ passed: 0, failures: [{ name: "start", message: String(error) }] }));
