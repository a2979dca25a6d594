// The package's instance of WebAssembly, which it keeps to itself: whoever is loaded before it can see it being made.

const { Instance } = WebAssembly;
let memory;
WebAssembly.Instance = function (...given) {
  const instance = new Instance(...given);
  memory = instance.exports.memory;
  return instance;
};

/** What it has of memory, in bytes. It never shrinks, so that is the most that it has had. */
export const wasmBytes = () => memory.buffer.byteLength;
