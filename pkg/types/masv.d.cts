import type { BaseClient } from "./client.cjs";
import type { LatchkeyError, Secret } from "./error.cjs";

/**
 * The account that a MASV client speaks for.
 *
 * @example
 * ```ts
 * const { teams } = await masv.account();
 * for (const { id, name } of teams) console.log(id, name);
 * ```
 */
export interface MasvAccount {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** The teams that it is a member of: their ids are what {@link MasvKeys} asks for. */
  readonly teams: readonly { readonly id: string; readonly name: string }[];
  /**
   * The same, for `JSON.stringify`.
   *
   * @example
   * ```ts
   * Response.json(await masv.account());
   * ```
   */
  toJSON(): Omit<MasvAccount, "toJSON">;
}

/**
 * What can be done with a package or a transfer. A `write` token may `upload` and `finalize`; a `read` token `list` and
 * `download`; a `manage` token that too, and `edit`, `delete`, `expire`, `link` and `transfer`; the token of a transfer
 * `status`, `retry` and `cancel`.
 *
 * @example
 * ```ts
 * const wanted: MasvAction[] = ["list", "download"];
 * const able = wanted.every((action) => shared.can(action));
 * ```
 */
export type MasvAction =
  | "upload"
  | "finalize"
  | "list"
  | "download"
  | "edit"
  | "delete"
  | "expire"
  | "link"
  | "transfer"
  | "status"
  | "retry"
  | "cancel";

/**
 * A client of MASV for a user, with email and password, or for a team, with an API key. Packages and transfers have
 * tokens of their own: each is another client, made here, and no request ever has the credentials of two.
 *
 * @example
 * ```ts
 * const masv: MasvClient = new Client({ provider: "masv", email, password });
 * const { teams } = await masv.account();
 * ```
 */
export interface MasvClient extends BaseClient {
  readonly provider: "masv";
  /** The API keys of the user's teams. */
  readonly keys: MasvKeys;

  /**
   * The account that the credential stands for, and its teams.
   *
   * @example
   * ```ts
   * const { email } = await masv.account();
   * ```
   */
  account(): Promise<MasvAccount>;

  /**
   * Makes a package in a portal and gives the client that fills and finishes it. Its token comes once, with the
   * package: when it has expired, every call is `ERR_TOKEN_EXPIRED`, and another package is what helps. It is not
   * repeated where it failed ambiguously: `ERR_OUTCOME_UNKNOWN`.
   *
   * @param options.portal - the portal's id.
   * @param options.sender - the email address of who sends.
   *
   * @example
   * ```ts
   * const upload = await masv.portalPackage({ portal, sender: "me@example.com", name: "Dailies" });
   * await upload.fetch(`/v1/packages/${upload.id}/files`, { method: "POST", body: JSON.stringify(file) });
   * ```
   */
  portalPackage(options: {
    portal: string;
    sender: string;
    name: string;
    description?: string | undefined;
  }): Promise<MasvPackageClient>;

  /**
   * A client for the package behind a link that was shared. It asks for a token when one is needed, and again when
   * that has expired. The secret goes into the query of that one request, as MASV wants it, and is shown nowhere.
   *
   * @param options.link - the link's id.
   * @param options.secret - the link's secret.
   * @param options.password - if the link has one.
   *
   * @example
   * ```ts
   * const shared = masv.linkedPackage({ link, secret });
   * await shared.token(); // from now on it knows `id`
   * const files = await (await shared.fetch(`/v1/packages/${shared.id}/files`)).json();
   * ```
   */
  linkedPackage(options: { link: string; secret: string; password?: string | undefined }): MasvPackageClient;

  /**
   * A client for a package of a team's, with all rights. It asks for a token when one is needed, and again when that
   * has expired; `ERR_NOT_FOUND` if the team has no such package.
   *
   * @example
   * ```ts
   * const ours = masv.managedPackage({ team, package: id });
   * await ours.fetch(`/v1/packages/${id}`, { method: "DELETE" });
   * ```
   */
  managedPackage(options: { team: string; package: string }): MasvPackageClient;

  /**
   * A client for a package whose token is at hand, as from sending it. The token cannot be asked for again: when it
   * has expired, every call is `ERR_TOKEN_EXPIRED`, and a 401 comes back as it is.
   *
   * @param options.access - what the token may do.
   *
   * @example
   * ```ts
   * const { id, access_token: token } = await (await masv.fetch(`/v1/teams/${team}/packages`, init)).json();
   * const sent = masv.packageFrom({ id, token, access: "write" });
   * ```
   */
  packageFrom(options: { id: string; token: string; access: "write" | "read" | "manage" }): MasvPackageClient;

  /**
   * A client for a transfer whose token is at hand, as from starting it. It ends as that of {@link
   * MasvClient.packageFrom} does; {@link MasvPackageClient.transfers} gives one with a new token.
   *
   * @example
   * ```ts
   * const transfer = masv.transfer({ token });
   * const { state } = await (await transfer.fetch(`/v1/transfers/${id}`)).json();
   * ```
   */
  transfer(options: { token: string }): MasvTransferClient;
}

/**
 * A client for one package: its token travels as `X-Package-Token`.
 *
 * @example
 * ```ts
 * const shared: MasvPackageClient = masv.linkedPackage({ link, secret });
 * if (shared.can("download")) await shared.fetch(`/v1/packages/${id}/files/${file}/download`);
 * ```
 */
export interface MasvPackageClient extends BaseClient {
  readonly provider: "masv";
  /** Which of the three kinds of package token it has. */
  readonly access: "write" | "read" | "manage";
  /** Of the package; `undefined` before a linked package's first token. */
  readonly id: string | undefined;

  /**
   * Whether the token may do this, by MASV's own list of what each kind may.
   *
   * @example
   * ```ts
   * shared.can("delete"); // false
   * ```
   */
  can(action: MasvAction): boolean;

  /**
   * The package's transfers to clouds, each as a client with a token of its own. It takes `manage`.
   *
   * @example
   * ```ts
   * for (const transfer of await ours.transfers()) console.log(transfer.expiresAt);
   * ```
   */
  transfers(): Promise<MasvTransferClient[]>;
}

/**
 * A client for one transfer: its token travels as `X-Transfer-Token`.
 *
 * @example
 * ```ts
 * const [transfer]: MasvTransferClient[] = await ours.transfers();
 * await transfer?.fetch(`/v1/transfers/${id}/retry`, { method: "POST" });
 * ```
 */
export interface MasvTransferClient extends BaseClient {
  readonly provider: "masv";
  readonly access: "transfer";

  /**
   * Whether the token may do this.
   *
   * @example
   * ```ts
   * transfer.can("cancel"); // true
   * ```
   */
  can(action: MasvAction): boolean;
}

/**
 * An API key of a MASV team, without its secret.
 *
 * @example
 * ```ts
 * const old = (await masv.keys.list(team)).filter(({ expiry }) => expiry !== "never" && expiry < new Date());
 * ```
 */
export interface MasvKey {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** An inactive key is refused until it is made active again. */
  readonly state: "active" | "inactive";
  readonly expiry: Date | "never";
  readonly createdAt?: Date;
  /**
   * The same with instants in ISO 8601, for `JSON.stringify`.
   *
   * @example
   * ```ts
   * Response.json(await masv.keys.list(team));
   * ```
   */
  toJSON(): Omit<MasvKey, "expiry" | "createdAt" | "toJSON"> & { expiry: string; createdAt?: string };
}

/**
 * A key that was just made. This is the only time that MASV shows its secret.
 *
 * @example
 * ```ts
 * const key = await masv.keys.create(team, { name: "nightly" });
 * await vault.write(key.id, key.secret.reveal());
 * ```
 */
export interface CreatedMasvKey extends MasvKey {
  /** The key itself; it prints `[redacted]`. */
  readonly secret: Secret;
}

/**
 * The key to make.
 *
 * @example
 * ```ts
 * const wanted: NewMasvKey = { name: "nightly", expiry: new Date("2027-01-01") };
 * ```
 */
export interface NewMasvKey {
  name?: string | undefined;
  description?: string | undefined;
  /** Default `"never"`. */
  expiry?: Date | "never" | undefined;
  /** Default `"active"`. */
  state?: "active" | "inactive" | undefined;
}

/**
 * What to change of a key; what is not named stays as it is.
 *
 * @example
 * ```ts
 * await masv.keys.update(team, id, { state: "inactive" });
 * ```
 */
export interface MasvKeyChanges {
  name?: string | undefined;
  description?: string | undefined;
  expiry?: Date | "never" | undefined;
  state?: "active" | "inactive" | undefined;
}

/**
 * The API keys of MASV's teams. They take a user's token: from a client with an API key every method is
 * `ERR_UNSUPPORTED`, before anything is sent.
 *
 * Every method rejects with a {@link LatchkeyError} of these codes besides: `ERR_CONFIG` for arguments that are wrong
 * (nothing is sent), `ERR_FORBIDDEN` for a team that the user is no member of, and those of {@link BaseClient}; the
 * changing ones with `ERR_OUTCOME_UNKNOWN`.
 *
 * @example
 * ```ts
 * const masv = new Client({ provider: "masv", email, password });
 * for (const { name, state } of await masv.keys.list(team)) console.log(name, state);
 * ```
 */
export interface MasvKeys {
  /**
   * All keys of a team.
   *
   * @example
   * ```ts
   * const keys = await masv.keys.list(team);
   * ```
   */
  list(team: string): Promise<MasvKey[]>;

  /**
   * Makes a key.
   *
   * @example
   * ```ts
   * const { secret } = await masv.keys.create(team, { name: "nightly" });
   * ```
   */
  create(team: string, options: NewMasvKey): Promise<CreatedMasvKey>;

  /**
   * Changes what is named, and nothing else: MASV itself would set the rest to its defaults, so the key is read
   * first. Rejects with `ERR_NOT_FOUND` if the team has no such key.
   *
   * @example
   * ```ts
   * await masv.keys.update(team, id, { expiry: new Date("2027-01-01") });
   * ```
   */
  update(team: string, id: string, changes: MasvKeyChanges): Promise<MasvKey>;

  /**
   * Deletes a key for good.
   *
   * @example
   * ```ts
   * await masv.keys.delete(id);
   * ```
   */
  delete(id: string): Promise<void>;
}
