// What only MASV has: keys of teams, and clients of packages and transfers, each with a token of its own.

import { BaseClient, CALL, DERIVE, STATE } from "./base-client.js";
import { Refusal } from "./effects.js";
import { mustBeObject, mustBeText, wrong } from "./encode.js";
import { LatchkeyError } from "./values.js";

/** A client whose token is for one thing. */
class AccessClient extends BaseClient {
  get access() {
    return this[STATE]().access;
  }

  can(action) {
    return this[STATE]().may.split(" ").includes(action);
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
      throw new LatchkeyError("ERR_UNSUPPORTED", message, { provider: "masv" });
    }
    const found = await this[CALL]("transfers", text(this.id, "id"));
    return found.map(({ token }) => this[DERIVE](MasvTransferClient, "transfer", { token }));
  }
}

export class MasvClient extends BaseClient {
  static name = "MasvClient";

  get keys() {
    return Object.defineProperty(this, "keys", { value: new MasvKeys((...given) => this[CALL](...given)) }).keys;
  }

  account() {
    return this[CALL]("account", "user");
  }

  async portalPackage(options) {
    const { portal, ...wanted } = mustBeObject(options, "options");
    return this.packageFrom(await this[CALL]("portalPackage", text(portal, "portal"), wanted));
  }

  linkedPackage(options) {
    return this[DERIVE](MasvPackageClient, "linked", options ?? null);
  }

  managedPackage(options) {
    const { package: id, team, ...unknown } = mustBeObject(options, "options");
    const given = ["managedToken", text(team, "team"), { package: text(id, "package") }];
    const refuse = (error) => {
      // As it is: the function is ours.
      throw new Refusal(error.code, error.message, error);
    };
    const acquire = () => this[CALL](...given).catch(refuse);
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
    return this.#call("masvList", text(team, "team"));
  }

  async create(team, options = {}) {
    return this.#call("masvCreate", text(team, "team"), options);
  }

  async update(team, id, changes = {}) {
    const named = { ...mustBeObject(changes, "changes"), id: text(id, "id") };
    return this.#call("masvUpdate", text(team, "team"), named);
  }

  async delete(id) {
    await this.#call("masvDelete", text(id, "id"));
  }
}

function text(value, path) {
  if (value === "") throw wrong(path, "is empty");
  return mustBeText(value, path);
}
