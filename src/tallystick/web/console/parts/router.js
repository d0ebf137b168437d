import { queryOf } from "./api.js";
import { html } from "./html.js";
import { signal, useSignal } from "./signal.js";

// The address is the state: the path names the screen, the query its filters, page and selection.
const place = signal(read());

function read() {
  return { path: location.pathname, query: Object.fromEntries(new URLSearchParams(location.search)) };
}

addEventListener("popstate", () => place.set(read()));

export const usePath = () => useSignal(place).path;
export const useQuery = () => useSignal(place).query;
const addressOf = (path, query) => `/console${path ? `/${path}` : ""}${queryOf(query)}`;

export function navigate(address, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  place.set(read());
}

// Change some members of the query; undefined takes one away.
export function setQuery(changes, options) {
  navigate(location.pathname + queryOf({ ...place.value.query, ...changes }), options);
}

const isPlain = (e) => e.button === 0 && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey;

export function Link({ to, query, children, onClick, ...rest }) {
  const href = addressOf(to, query);
  const follow = (e) => {
    onClick?.(e);
    if (!isPlain(e)) return;
    e.preventDefault();
    navigate(href);
  };
  return html`<a href=${href} onClick=${follow} ...${rest}>${children}</a>`;
}
