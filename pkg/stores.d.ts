// The types of `import`.
export * from "./stores.cjs";
