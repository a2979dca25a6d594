import { rspack } from "@rspack/core";
import { bundleWith } from "./webpacks.mjs";

export default bundleWith("@rspack/core", rspack);
