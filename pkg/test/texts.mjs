// The texts of the repository, and what stands in them.

import { readFile } from "node:fs/promises";

/** A text of the repository. */
export const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

/** The fenced blocks of a text, each with its language and the heading above it. */
export function* blocks(markdown) {
  let heading;
  for (const [, title, language, code] of markdown.matchAll(/^#+ (.*)$|^```(\w*)\n([^]*?)^```$/gm)) {
    if (title) heading = title;
    else yield { heading, language, code };
  }
}
