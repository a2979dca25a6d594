// The memory of the core, which the package keeps to itself. To be imported before anything of the package is used.

const { Instance } = WebAssembly;
const memories = [];

WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    memories.push(this.exports.memory);
  }
};

/** The bytes of the only instance that was made so far. */
export function memory() {
  if (memories.length !== 1) throw new Error(`${memories.length} instances were made where one was expected`);
  return new Uint8Array(memories[0].buffer);
}
