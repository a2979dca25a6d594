import { nodeOf } from "./nodes.mjs";

export default nodeOf("node22");
