import webpack from "webpack";
import { bundleWith } from "./webpacks.mjs";

export default bundleWith("webpack", webpack);
