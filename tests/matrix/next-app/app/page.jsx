// A server component.

import older from "older";
import { perform } from "../suite/bundled/handed-on.mjs";

export default async function Page({ searchParams }) {
  const { sandbox } = await searchParams;
  return <pre>{encodeURIComponent(JSON.stringify(await perform(sandbox, older)))}</pre>;
}
