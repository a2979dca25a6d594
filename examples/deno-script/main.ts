// Lists the keys of a Masumi payment service, and what is left on each.

import { Client } from "latchkey";

const masumi = new Client({
  provider: "masumi",
  apiKey: Deno.env.get("MASUMI_KEY") ?? "",
  baseUrl: Deno.env.get("MASUMI_URL"),
});

for await (const { id, permission, status, credits } of masumi.keys.list()) {
  const left = credits.map(({ unit, amount }) => `${amount} ${unit || "lovelace"}`);
  console.log(id, permission, status, left.join(", ") || "unlimited");
}
