// The table of a Masumi service's keys: created, edited, revoked, and rotated a step at a time.

import { Client } from "./latchkey/inline.js";
import { byId, copy, h, words } from "./dom.js";
import { configOf } from "./services.js";
import { World } from "./world.js";

const LOVELACE = 1_000_000n;

export class KeyTable {
  #world;
  #client;
  #own;
  #rows = byId("keys");
  #status = byId("keys-status");
  #dialog = byId("key-dialog");
  #form = byId("key-form");
  #save;

  async start() {
    this.#world = await World.create(60);
    await this.#world.seedKeys(2);
    this.#client = new Client(configOf("masumi", this.#world));
    byId("key-create").onclick = () => this.#edit();
    byId("key-cancel").onclick = () => this.#dialog.close();
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      void this.#submit();
    };
    await this.#show();
  }

  async #show() {
    this.#own = (await this.#client.keys.status()).id;
    const keys = [];
    for await (const key of this.#client.keys.list({ pageSize: 50 })) keys.push(key);
    this.#rows.replaceChildren(...keys.map((key) => this.#row(key)));
  }

  #row(key) {
    const name = key.hint ?? key.id;
    const action = (label, work) =>
      h("button", { type: "button", className: "quiet", "aria-label": `${label} ${name}`, onclick: work }, label);
    const cell = (label, ...children) => h("td", { role: "cell", "data-label": label }, ...children);
    const active = key.status === "Active";
    return h(
      "tr",
      { role: "row", "data-id": key.id, "data-status": key.status },
      h("th", { role: "rowheader", scope: "row" }, h("code", {}, name), ...(key.id === this.#own ? [" in use here"] : [])),
      cell("May", key.permission),
      cell("State", h("span", { className: active ? "state" : "state off" }, key.status)),
      cell("Credit", key.usageLimited ? credit(key) : "unlimited"),
      cell("Networks", key.networks.join(", ") || "none"),
      cell(
        "Actions",
        action("Edit", () => this.#edit(key)),
        ...(active ? [action("Rotate", () => this.#rotate(key)), action("Revoke", () => this.#revoke(key))] : []),
      ),
    );
  }

  /** Does something, says what came of it, and shows the keys as they are then. Whether it went well. */
  async #say(work) {
    let said, failure;
    try {
      said = await work();
    } catch (error) {
      failure = error;
    }
    this.#status.textContent = failure ? words(failure) : said;
    this.#status.className = failure ? "verdict bad" : "verdict good";
    await this.#show();
    return failure === undefined;
  }

  #revoke = (key) =>
    this.#say(async () => `${key.hint}: ${(await this.#client.keys.revoke(key.id)).status}.`).then(() =>
      this.#rows.querySelector(`[data-id="${key.id}"] button`)?.focus(),
    );

  /** Opens the form: for a key, or for a new one. */
  #edit(key) {
    const { permission, limited, amount, preprod, mainnet, active } = this.#form.elements;
    byId("key-title").textContent = key ? `Edit ${key.hint}` : "Create a key";
    byId("key-amount-label").textContent = key ? "Add ADA (or take, if negative)" : "ADA that it may spend";
    byId("key-error").textContent = "";
    permission.disabled = key !== undefined;
    permission.value = key?.permission ?? "ReadAndPay";
    limited.checked = key?.usageLimited ?? true;
    amount.value = key ? "0" : "10";
    preprod.checked = key?.networks.includes("Preprod") ?? true;
    mainnet.checked = key?.networks.includes("Mainnet") ?? false;
    byId("key-active").hidden = key === undefined;
    active.checked = key?.status !== "Revoked";
    this.#save = (form) => (key ? this.#update(key, form) : this.#create(form));
    this.#dialog.showModal();
  }

  async #submit() {
    const { permission, limited, amount, preprod, mainnet, active } = this.#form.elements;
    const networks = [preprod.checked && "Preprod", mainnet.checked && "Mainnet"].filter(Boolean);
    const credits = [{ unit: "", amount: BigInt(amount.value || 0) * LOVELACE }].filter(({ amount }) => amount !== 0n);
    const status = active.checked ? "Active" : "Revoked";
    try {
      const said = await this.#save({ permission: permission.value, usageLimited: limited.checked, credits, networks, status });
      this.#dialog.close();
      await this.#say(() => said);
    } catch (error) {
      byId("key-error").textContent = words(error);
    }
  }

  async #create({ status, ...wanted }) {
    const made = await this.#client.keys.create(wanted);
    showSecret(made.secret, byId("secret"));
    return `Created ${made.hint ?? made.id}. Its secret is shown once, below.`;
  }

  /** Names what differs and nothing else. */
  async #update(key, { usageLimited, credits, networks, status }) {
    const changes = {};
    if (usageLimited !== key.usageLimited) changes.usageLimited = usageLimited;
    if (credits.length > 0) changes.addCredits = credits;
    if (networks.toSorted().join() !== key.networks.toSorted().join()) changes.networks = networks;
    if (status !== key.status) changes.status = status;
    const names = Object.keys(changes);
    if (names.length === 0) return `${key.hint}: nothing to change.`;
    const { hint } = await this.#client.keys.update(key.id, changes);
    return `${hint}: changed ${names.join(", ")}.`;
  }

  // ---- rotation

  async #rotate(key) {
    if (byId("rotation-finish")) return this.#say(() => Promise.reject(new Error("Finish or abort the rotation that is under way first.")));
    const steps = new Steps(key, this.#world);
    await this.#say(async () => {
      const rotation = await steps.take(["read", "make", "prove"], () => this.#client.keys.rotate(key.id));
      const end = (method, said) => () =>
        this.#say(async () => {
          await steps.take([method], () => rotation[method]());
          return said;
        });
      const finish = end("finish", `${key.hint} is revoked; ${rotation.key.hint} has taken its place.`);
      steps.choose(rotation.key.secret, finish, end("abort", `${key.hint} stays; the new key is revoked.`));
      return `Rotating ${key.hint}: both keys work now.`;
    });
  }
}

function credit({ credits }) {
  const amount = credits.find(({ unit }) => unit === "")?.amount ?? 0n;
  return `${amount / LOVELACE} ADA`;
}

/** Shows a secret until it is dismissed. Then nothing here has it any more. */
function showSecret(secret, place) {
  const text = h("code", { className: "secret-text", tabIndex: 0 }, secret.reveal());
  const copying = h("button", { type: "button", onclick: () => copy(text.textContent, copying) }, "Copy");
  const done = h("button", { type: "button", className: "quiet", onclick: () => place.replaceChildren() }, "I have kept it");
  const words = "This is the only time that the secret is shown. In your own code it goes to a vault, never to a page.";
  place.replaceChildren(h("div", { className: "secret" }, h("p", {}, words), text, h("div", { className: "buttons" }, copying, done)));
}

const STEPS = {
  read: "Read the old key: rights, limits, networks",
  make: "Make a new one, just like it",
  prove: "Prove that the new one works",
  finish: "Finish: revoke the old one, and settle the credit",
  abort: "Aborted: the new one is revoked, the old one stays",
};

/** The steps of one rotation, with the requests that each took, from the sandbox's log. */
class Steps {
  #world;
  #items = {};
  #choice = h("li", { className: "choice" });

  constructor(key, world) {
    this.#world = world;
    const item = (name) => (this.#items[name] = h("li", { "data-step": name }, STEPS[name]));
    const list = h("ol", {}, item("read"), item("make"), item("prove"), this.#choice, item("finish"));
    item("abort");
    this.#choice.append("Both work: put the new one where the old one is used");
    byId("rotation").replaceChildren(h("h3", {}, `Rotation of ${key.hint}`), list);
  }

  /** Takes some of the steps, which all that is asked of the service meanwhile belongs to. */
  async take(names, work) {
    const before = (await this.#world.log()).at(-1)?.n ?? 0;
    const result = await work();
    if (names[0] === "abort") this.#items.finish.replaceWith(this.#items.abort);
    const made = (await this.#world.log()).filter(({ n }) => n > before);
    const making = made.findIndex(({ method }) => method === "POST");
    const parts = names.length === 1 ? [made] : [made.slice(0, making), made.slice(making, making + 1), made.slice(making + 1)];
    names.forEach((name, at) => this.#done(name, parts[at]));
    return result;
  }

  #done(name, requests) {
    this.#items[name].classList.add("done");
    const lines = requests.map(({ method, path, status }) => h("code", {}, `${method} ${path} → ${status}`));
    this.#items[name].append(...lines);
  }

  choose(secret, finish, abort) {
    const place = h("div");
    const buttons = h("div", { className: "buttons" });
    // What fails can be tried again: the buttons stay.
    const end = (work) => async () => {
      if (!(await work())) return;
      buttons.remove();
      place.replaceChildren();
      this.#choice.classList.add("done");
    };
    buttons.append(
      h("button", { type: "button", id: "rotation-finish", onclick: end(finish) }, "Finish"),
      h("button", { type: "button", id: "rotation-abort", className: "quiet", onclick: end(abort) }, "Abort"),
    );
    this.#choice.append(place, buttons);
    showSecret(secret, place);
    buttons.firstChild.focus();
  }
}
