// The same at the edge.

import * as latchkey from "latchkey";
import { early, run } from "../../suite/suite.mjs";

const made = early(latchkey);

export async function GET(request) {
  return Response.json(await run(latchkey, new URL(request.url).searchParams.get("sandbox"), made));
}

export const runtime = "edge";
