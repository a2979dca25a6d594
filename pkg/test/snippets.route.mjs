// Loaded before a snippet of the documentation: what it asks of the services' own addresses, a world of the sandbox answers.

const routes = Object.entries(JSON.parse(process.env.SNIPPET_ROUTES));
const { fetch } = globalThis;

globalThis.fetch = async (input, init) => {
  const address = input instanceof Request ? input.url : String(input);
  const [from, to] = routes.find(([from]) => address.startsWith(from)) ?? [];
  if (!from) throw new Error(`no route for ${address}`);
  const routed = address.replace(from, to);
  const response = await fetch(input instanceof Request ? new Request(routed, input) : routed, init);
  if (!address.includes("/.well-known/")) return response;
  // A discovery document names its own address, which is compared.
  return new Response((await response.text()).replaceAll(to, from), response);
};
