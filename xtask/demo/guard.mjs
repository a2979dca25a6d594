// Stands between this process and its output: what has a secret in it does not get out.

const secrets = new Set();
let leaks = 0;

/** Credentials that are no secrets: an error may name who was refused. */
const IDENTITIES = ["email", "username", "clientId", "user"];

/** Keeps a text secret from now on. */
export function keep(secret) {
  secrets.add(secret);
  return secret;
}

/** Keeps the credentials of all services, as the sandbox tells them. */
export function keepCredentials(services) {
  for (const credentials of Object.values(services)) {
    for (const [name, value] of Object.entries(credentials)) {
      if (!IDENTITIES.includes(name)) keep(value);
    }
  }
}

/** Whether it has a known secret in it, or what looks like a JWT. */
export const shows = (text) => /eyJ[\w-]{8}/.test(text) || [...secrets].some((secret) => text.includes(secret));

/** How often a secret was about to be printed. */
export const leaked = () => leaks;

// The streams themselves, so that what the package prints by itself passes here too.
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    if (!shows(String(chunk))) return write(chunk, ...rest);
    leaks += 1;
    return write("  ✗ a line was held back: there is a secret in it\n", ...rest.filter((arg) => typeof arg === "function"));
  };
}
