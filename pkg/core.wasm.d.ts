export { default } from "./core.wasm.cjs";
