// A request of the user's: what was given to `fetch`. It stays here; the core decides by what is told of it.

import { Refusal, answered, fetched } from "./effects.js";
import { must, mustBeObject, signalOf, tag } from "./encode.js";

/** What a `Request` says of itself that a request to another address keeps. */
const KEPT = "method credentials mode cache referrer referrerPolicy integrity keepalive signal".split(" ");
/** Headers that may hold a credential, of any service that is known here. */
const CREDENTIALS =
  "authorization cookie proxy-authorization x-api-key token x-user-token x-package-token x-transfer-token x-link-password".split(" ");
/** What Fetch takes off a request that has become a GET ("request-body-header name"). */
const OF_BODY = "content-encoding content-language content-location content-type content-length".split(" ");
/** The kinds of body that can be sent again. */
const REPEATABLE = "String ArrayBuffer SharedArrayBuffer URLSearchParams FormData Blob File".split(" ");

/** A request of the user's: what was given to `fetch`. */
export class Outgoing {
  constructor(input, init) {
    this.init = mustBeObject(init ?? {}, "init");
    const request = tag(input) === "Request" ? input : undefined;
    this.request = request;
    const target = request?.url ?? (tag(input) === "URL" ? input.href : input);
    this.target = must(typeof target === "string", target, "input", "a path, a URL or a Request");
    this.method = String(init?.method ?? request?.method ?? "GET").toUpperCase();
    this.signal = signalOf("signal" in this.init ? init : request, "init.signal");
  }

  /** Whether it has a body that cannot be sent again. */
  get isStream() {
    const { body } = this.init;
    if (body !== undefined && body !== null) return !REPEATABLE.includes(tag(body)) && !ArrayBuffer.isView(body);
    // The source of a Request's cannot be told from outside, and where `body` is missing, not even whether there is one.
    return !!this.request && body !== null && this.request.body !== null && !["GET", "HEAD"].includes(this.method);
  }

  /** All that the core decides by: the arguments of its call. */
  describe() {
    return [this.target, this.method, this.isStream, this.init.redirect ?? this.request?.redirect];
  }

  headers(fetch, name, value, asGet) {
    const given = this.init.headers ?? this.request?.headers;
    // The platform reads an object in a fraction of the time that a Headers takes. A function of the user's may look into it.
    if (!fetch && !given && value) return { [name]: value };
    const headers = new Headers(given);
    const drop = (names) => names.forEach((header) => headers.delete(header));
    if (value) headers.set(name, value);
    else drop([...CREDENTIALS, name]);
    if (asGet) drop(OF_BODY);
    return headers;
  }

  /** Sends it there, with this header or without any credential, and follows no redirect. The answer to its last sending is dropped. */
  async send(fetch, hop) {
    this.discard();
    this.response = await fetched(fetch, ...this.prepared(fetch, hop));
  }

  /** What the core decides by of the answer to it. */
  get reply() {
    return answered(this.response);
  }

  /** What `fetch` is called with. */
  prepared(fetch, [url, name, asGet, value]) {
    try {
      const { request } = this;
      const stays = request && url === this.target && !asGet;
      const get = asGet && { method: "GET", body: undefined };
      const init = { ...this.init, headers: this.headers(fetch, name, value, asGet), redirect: "manual", ...get };
      for (const member of request && !stays ? KEPT : []) {
        if (!(member in init) && request[member] !== undefined) init[member] = request[member];
      }
      // A Request that goes where it says goes as it is, so that its body is sent as it was made.
      return stays ? [new Request(request, init)] : [url, init];
    } catch (thrown) {
      throw new Refusal("ERR_INVALID_REQUEST", thrown?.message ?? "the request cannot be made", { cause: thrown });
    }
  }

  /** Frees the connection of an answer that nobody reads. */
  discard() {
    // Whether the other side notices is of no interest, and must not end as an unhandled rejection.
    this.response?.body?.cancel().catch(() => {});
    this.response = undefined;
  }
}
