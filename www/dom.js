// Making elements. No text of a service is ever read as HTML.

/** An element with properties, attributes (`aria-…`, `data-…`, `role`), listeners (`onclick`) and children. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role" || key === "for" || key === "list") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children);
  return element;
}

/** An element of SVG. */
export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A number and what it counts: `1 call`, `2 calls`. */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** How an error reads: its code, where it has one, and its words. */
export function words({ code, message, issues }) {
  const text = issues ? issues.map((issue) => `${issue.path} ${issue.message}`).join("; ") : message;
  return code ? `${code}: ${text}` : text;
}

/** Seconds as a person reads them: `0:42`, `1:59:03`, `2 days`. */
export function span(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole >= 2 * 86_400) return count(Math.round(whole / 86_400), "day");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const padded = (number) => String(number).padStart(2, "0");
  return `${hours ? `${hours}:${padded(minutes)}` : minutes}:${padded(whole % 60)}`;
}

/** An instant as a person reads it, to the second, in UTC. */
export const instant = (date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** Copies a text, and says on the button that it did. */
export async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed here: select it";
  }
  setTimeout(() => (button.textContent = label), 2000);
}
