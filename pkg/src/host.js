// What the core asks of the platform and is answered at once. Nothing here throws: it would be thrown into the core.

/** From 0 to 1, for spreading load. */
export const random = () => Math.random();

/** The parts of a URL, each on a line; nothing for what is none. In a page, a URL may be relative to it. */
export function parseUrl(text, base) {
  const page = globalThis.location?.href;
  try {
    const url = new URL(text, base ?? (page?.startsWith("http") ? page : undefined));
    const { href, origin, protocol, hostname, pathname, search, username, password } = url;
    return [href, origin, protocol, hostname, pathname, search, username + password].join("\n");
  } catch {
    return undefined;
  }
}

/** A text of 128 bits that nobody can guess. */
export function freshId() {
  // Without Web Crypto a session is still told from the last one; it guards nothing.
  const bytes = new Uint8Array(16).map(() => Math.random() * 256);
  globalThis.crypto?.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
