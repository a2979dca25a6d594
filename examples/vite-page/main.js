// The page asks Masivo itself, with tokens that its own backend gets: the key never reaches a browser.

import { Client } from "latchkey";

const masivo = new Client({
  provider: "token",
  baseUrl: import.meta.env.VITE_MASIVO_URL ?? "https://app.masivo.ai/api/storefront/v1",
  acquire: async (signal) => (await fetch("/token", { signal })).json(),
});

const response = await masivo.fetch("/customers");
for (const { name } of await response.json()) {
  const item = document.createElement("li");
  item.textContent = name;
  document.querySelector("ul").append(item);
}
