// The types of `import`. They wrap those of `require`, as the module itself does: there is one instance, and so one
// `LatchkeyError` and one `Secret`, however it is loaded.
export * from "./index.cjs";
