// A route handler.

import older from "older";
import { perform } from "../../suite/bundled/handed-on.mjs";

export async function GET(request) {
  return Response.json(await perform(new URL(request.url).searchParams.get("sandbox"), older));
}
