// A server component.

import * as latchkey from "latchkey";
import { early, run } from "../suite/suite.mjs";

const made = early(latchkey);

export default async function Page({ searchParams }) {
  const { sandbox } = await searchParams;
  return <pre>{encodeURIComponent(JSON.stringify(await run(latchkey, sandbox, made)))}</pre>;
}
