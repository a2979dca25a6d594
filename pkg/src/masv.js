// What only MASV has: keys of teams, and clients of packages and transfers, each with a token of its own.

import { BaseClient, CALL, DERIVE, STATE } from "./base-client.js";
import { Refusal } from "./effects.js";
import { kind, tag, wrong } from "./encode.js";
import { LatchkeyError, key } from "./values.js";

/** A client whose token is for one thing. */
class AccessClient extends BaseClient {
  get access() {
    return this[STATE]().access;
  }

  can(action) {
    return this[STATE]().may.includes(action);
  }
}

class MasvTransferClient extends AccessClient {
  static name = "MasvTransferClient";
}

class MasvPackageClient extends AccessClient {
  static name = "MasvPackageClient";

  get id() {
    return this[STATE]().id;
  }

  async transfers() {
    if (!this.can("transfer")) {
      const message = `a token that may ${this.access} is told of no transfers: ask a managedPackage`;
      throw new LatchkeyError("ERR_UNSUPPORTED", message, { provider: "masv", retryable: false });
    }
    const found = JSON.parse(await this[CALL]("transfers", text(this.id, "id")));
    return found.map(({ token }) => this[DERIVE](MasvTransferClient, "transfer", { token }));
  }
}

export class MasvClient extends BaseClient {
  static name = "MasvClient";

  get keys() {
    const keys = new MasvKeys((...given) => this[CALL](...given));
    Object.defineProperty(this, "keys", { value: keys });
    return keys;
  }

  async account() {
    return key(JSON.parse(await this[CALL]("account", "user")));
  }

  async portalPackage(options) {
    if (tag(options) !== "Object") throw wrong("options", `must be an object, not ${kind(options)}`);
    const { portal, ...wanted } = options;
    const made = JSON.parse(await this[CALL]("portalPackage", text(portal, "portal"), wanted));
    return this[DERIVE](MasvPackageClient, "package", made);
  }

  linkedPackage(options) {
    return this[DERIVE](MasvPackageClient, "linked", options ?? null);
  }

  managedPackage(options) {
    if (tag(options) !== "Object") throw wrong("options", `must be an object, not ${kind(options)}`);
    const { package: id, team, ...unknown } = options;
    const given = [text(team, "team"), { package: text(id, "package") }];
    const acquire = async () => {
      try {
        return JSON.parse(await this[CALL]("managedToken", ...given));
      } catch ({ code, message, cause, status }) {
        // As it is: the function is ours.
        throw new Refusal(code, message, { cause, status });
      }
    };
    return this[DERIVE](MasvPackageClient, "managed", { ...unknown, id, acquire });
  }

  packageFrom(options) {
    return this[DERIVE](MasvPackageClient, "package", options ?? null);
  }

  transfer(options) {
    return this[DERIVE](MasvTransferClient, "transfer", options ?? null);
  }
}

/** The API keys of teams. */
class MasvKeys {
  #call;

  constructor(call) {
    this.#call = call;
  }

  async list(team) {
    return JSON.parse(await this.#call("masvList", text(team, "team"))).map(key);
  }

  async create(team, options = {}) {
    return key(JSON.parse(await this.#call("masvCreate", text(team, "team"), options)));
  }

  async update(team, id, changes = {}) {
    if (tag(changes) !== "Object") throw wrong("changes", `must be an object, not ${kind(changes)}`);
    const named = { ...changes, id: text(id, "id") };
    return key(JSON.parse(await this.#call("masvUpdate", text(team, "team"), named)));
  }

  async delete(id) {
    await this.#call("masvDelete", text(id, "id"));
  }
}

function text(value, path) {
  if (typeof value === "string" && value !== "") return value;
  throw wrong(path, value === "" ? "is empty" : `must be a string, not ${kind(value)}`);
}
