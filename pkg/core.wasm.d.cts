// What an import of the file gives depends on who carries it out: where it is compiled on import, as in workerd, a module.
declare const core: WebAssembly.Module;
export default core;
