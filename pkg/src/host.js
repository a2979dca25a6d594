// What the core asks of the platform and is answered at once. Nothing here throws: it would be thrown into the core.

/** From 0 to 1, for spreading load. */
export const random = () => Math.random();

/** The parts of a URL, each on a line; nothing for what is none. In a page, a URL may be relative to it. */
export function parseUrl(text, base) {
  try {
    const page = globalThis.location?.href?.match(/^http.*/)?.[0];
    const { href, origin, protocol, hostname, pathname, search, username, password } = new URL(text, base || page);
    return [href, origin, protocol, hostname, pathname, search, username + password].join("\n");
  } catch {
    return "";
  }
}

/** A text of 128 bits that nobody can guess; an empty one where there is no Web Crypto. */
export const freshId = () => hex(randomBytes(16) ?? []);

/** So many bytes that nobody can guess; none where there is no Web Crypto. */
export const randomBytes = (count) => globalThis.crypto?.getRandomValues?.(new Uint8Array(count));

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
