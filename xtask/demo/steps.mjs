// The transcript: a line a step, with what came of it.

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);

/** A duration in milliseconds as a person says it: the largest unit that it fills. */
export function span(milliseconds) {
  const units = [[86_400, "days"], [3_600, "hours"], [60, "minutes"], [1, "seconds"]];
  const seconds = Math.round(milliseconds / 1000);
  const [size, name] = units.find(([size]) => seconds >= 2 * size) ?? units.at(-1);
  return `${Math.round(seconds / size)} ${name}`;
}

export const ms = (time) => `${time < 1 ? time.toFixed(3) : time.toFixed(1)} ms`;

/** Fails the step that it is called in, unless both are the same. */
export function expect(actual, wanted, what) {
  if (actual !== wanted) throw new Error(`${what}: ${actual}, not ${wanted}`);
}

export class Steps {
  #start = performance.now();
  #passed = 0;
  #failed = 0;

  title(text) {
    console.log(`\n${paint(1, text)}`);
  }

  /** Does one step and prints what it gives; what it throws fails it, and the next one goes on. */
  async step(name, work) {
    const label = name.padEnd(16);
    try {
      const result = await work();
      this.#passed += 1;
      console.log(`  ${paint(32, "✓")} ${label}${paint(2, result)}`);
    } catch (error) {
      this.#failed += 1;
      console.log(`  ${paint(31, "✗")} ${label}${error.code ?? error.name}: ${error.message}`);
    }
  }

  /** A step that is right if it fails with that code. */
  rejects(name, code, work) {
    return this.step(name, async () => {
      let error;
      try {
        await work();
      } catch (thrown) {
        error = thrown;
      }
      expect(error?.code, code, "code");
      const issues = (error.issues ?? []).map(({ path, message }) => `\n${" ".repeat(22)}${path}: ${message}`);
      return `${code}: ${error.message}${issues.join("")}`;
    });
  }

  /** Prints the sum; true if every step was right. */
  report() {
    const time = ((performance.now() - this.#start) / 1000).toFixed(1);
    const result = this.#failed === 0 ? "all as they should be" : paint(31, `${this.#failed} went wrong`);
    console.log(`\n${this.#passed + this.#failed} steps in ${time} s, ${result}.`);
    return this.#failed === 0;
  }
}
