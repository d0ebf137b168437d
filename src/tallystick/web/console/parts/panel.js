import { html, useEffect, useRef } from "./html.js";
import { setQuery } from "./router.js";

// A list with the detail of the chosen row beside it; on a phone the detail takes the list's place.
export const Split = ({ list, detail }) =>
  html`<div class=${detail ? "split chosen" : "split"}><div class="list">${list}</div>${detail}</div>`;

// A keyboard goes on from the row.
export function closeDetail() {
  const row = document.querySelector('tr[aria-current="true"] button.open');
  setQuery({ id: undefined });
  requestAnimationFrame(() => row?.focus());
}

export function Detail({ title, children, of }) {
  const heading = useRef();
  useEffect(() => heading.current.focus(), [of]);
  return html`<section class="detail" aria-label="The chosen row" onKeyDown=${(e) => e.key === "Escape" && closeDetail()}>
    <header><h2 tabindex="-1" ref=${heading}>${title}</h2>
      <button type="button" onClick=${closeDetail}>Close</button></header>
    ${children}
  </section>`;
}

// Names and values, one a line; values without content are left out.
export const Facts = ({ facts }) => html`<dl>${facts
  .filter(([, value]) => value !== undefined && value !== null && value !== false && value !== "")
  .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
