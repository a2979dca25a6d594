// The transcript: a line a step, with what the service was asked for and what came of it.

import { leaked } from "./guard.mjs";

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
const NAME = 32;
const INDENT = " ".repeat(4 + NAME);

/** A number of seconds as a person says it: by the largest unit of which there are two. */
export function span(seconds) {
  const units = [[86_400, "days"], [3_600, "hours"], [60, "minutes"], [1, "seconds"]];
  const [size, name] = units.find(([size]) => seconds >= 2 * size) ?? units.at(-1);
  return `${Math.round(seconds / size)} ${name}`;
}

export const ms = (time) => `${time < 1 ? time.toFixed(2) : time.toFixed(0)} ms`;

/** Fails the step that it is called in, unless both are the same. */
export function expect(actual, wanted, what) {
  if (actual !== wanted) throw new Error(`${what}: expected ${wanted}, got ${actual}`);
}

export class Steps {
  #start = performance.now();
  #passed = 0;
  #failed = 0;

  title(name, text, code) {
    console.log(`\n${paint("1;36", name)}  ${paint(1, text)}`);
    if (code) console.log(`    ${paint(2, code)}`);
  }

  /** Does one step and prints what it gives; what it throws fails it, and the next one goes on. */
  async step(name, work) {
    try {
      const text = await work();
      this.#passed += 1;
      console.log(`  ${paint(32, "✓")} ${name.padEnd(NAME)}${text.replaceAll("\n", `\n${INDENT}`)}`);
    } catch (error) {
      this.#failed += 1;
      console.log(`  ${paint(31, "✗")} ${name.padEnd(NAME)}${paint(31, [error.code, error.message].filter(Boolean).join(": "))}`);
    }
  }

  /** A step in which the service is asked for exactly so many tokens; `{time}` in its text is how long it took. */
  counted(name, world, service, wanted, work) {
    return this.step(name, async () => {
      const [result, time, requests] = await world.watch(service, work);
      expect(requests, wanted, "token requests");
      const count = `${requests} token request${requests === 1 ? "" : "s"}`;
      return `${paint(requests ? 33 : 2, count.padEnd(18))}${result.replace("{time}", ms(time))}`;
    });
  }

  /** A step that is right if it fails with that code. */
  rejects(name, code, work) {
    return this.step(name, async () => {
      const error = await (async () => work())().then(
        () => expect("nothing", code, "error"),
        (error) => error,
      );
      expect(error.code ?? error, code, "error");
      const lines = error.issues?.map(({ path, message }) => `${path} ${message}`) ?? [error.message];
      return `${paint(33, code)}\n${lines.join("\n")}`;
    });
  }

  /** Prints the sum; true if every step was right and no secret was about to be printed. */
  report() {
    const time = ((performance.now() - this.#start) / 1000).toFixed(1);
    const wrong = this.#failed + leaked();
    const verdict = wrong === 0 ? paint(32, "all as they should be, and no secret in sight") : paint(31, `${wrong} went wrong`);
    console.log(`\n${this.#passed + this.#failed} checks in ${time} s: ${verdict}.`);
    return wrong === 0;
  }
}
