import { html } from "./html.js";
import { Failure, Loading } from "./states.js";

// Rows of a list. A column is {title, cell(row), class?}; the first cell of a row opens it.
// `pages` is what usePages returned; `open(row)` and `selected` (an id) make rows choosable.
export function Table({ label, columns, pages, open, selected, empty }) {
  const { rows, next, loading, error } = pages;
  if (error && !rows.length) return html`<${Failure} error=${error} again=${pages.reload} />`;
  if (!rows.length && loading) return html`<${Loading} />`;
  if (!rows.length && !next) return empty;
  return html`
    ${rows.length === 0 && html`<p class="quiet" role="status">Nothing was found so far.</p>`}
    <div class="scroll" hidden=${rows.length === 0} tabindex="0" role="region" aria-label=${label}>
      <table>
        <thead><tr>${columns.map((c) => html`<th scope="col" class=${c.class}>${c.title}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<${Row} key=${row.id} ...${{ row, columns, open }} chosen=${row.id === selected} />`)}</tbody>
      </table>
    </div>
    ${error && html`<${Failure} error=${error} again=${pages.more} />`}
    ${next && !error && html`<p class="more"><button type="button" disabled=${loading} onClick=${pages.more}>${rows.length ? "Show more" : "Search on"}</button></p>`}`;
}

function Row({ row, columns, open, chosen }) {
  const choose = (e) => {
    if (!e.target.closest("a, button, input, select") && !String(getSelection())) open(row);
  };
  return html`<tr aria-current=${chosen ? "true" : undefined} class=${open && "choosable"} onClick=${open && choose}>
    ${columns.map((column, i) => html`<td class=${column.class} data-title=${column.title}>
      ${open && i === 0 ? html`<button type="button" class="open" onClick=${() => open(row)}>${column.cell(row)}</button>` : column.cell(row)}
    </td>`)}
  </tr>`;
}
