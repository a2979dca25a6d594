export * from "latchkey";
