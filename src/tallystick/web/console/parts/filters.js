import { html } from "./html.js";
import { setQuery, useQuery } from "./router.js";

// Fields whose values stand in the address. A field is {name, label, options? | placeholder?, wide?}.
export function Filters({ fields, children }) {
  const query = useQuery();
  const change = (name) => (e) => setQuery({ [name]: e.target.value.trim(), cursor: undefined, id: undefined });
  const used = fields.filter(({ name }) => query[name]);
  const clear = () => setQuery(Object.fromEntries(used.map(({ name }) => [name, undefined])));
  return html`<form class="filters" role="search" onSubmit=${(e) => e.preventDefault()}>
    ${fields.map((field) => html`<label class=${field.wide && "wide"}>${field.label}
      ${field.options
        ? html`<select name=${field.name} value=${query[field.name] ?? ""} onChange=${change(field.name)}>
            ${field.options.map(([value, words]) => html`<option value=${value} selected=${value === (query[field.name] ?? "")}>${words}</option>`)}
          </select>`
        : html`<input name=${field.name} type=${field.type ?? "text"} step=${field.type && 1} value=${query[field.name] ?? ""} placeholder=${field.placeholder}
            autocomplete="off" spellcheck="false" onChange=${change(field.name)} />`}
    </label>`)}
    ${used.length > 0 && html`<button type="button" onClick=${clear}>Clear filters</button>`}
    ${children}
  </form>`;
}

const SPANS = { "15m": 9e5, "1h": 36e5, "24h": 864e5, "7d": 6048e5 };
const OWN = "own";
export const SPAN = {
  name: "span", label: "Time",
  options: [["", "Any time"], ["15m", "Last 15 minutes"], ["1h", "Last hour"], ["24h", "Last 24 hours"], ["7d", "Last 7 days"], [OWN, "From … to …"]],
};

// The fields of the time: a span, or two times in the reader's zone.
export const timeFields = ({ span }) =>
  span === OWN
    ? [SPAN, { name: "from", label: "From", type: "datetime-local" }, { name: "to", label: "To", type: "datetime-local" }]
    : [SPAN];

const utc = (local) => (local ? new Date(local).toISOString() : undefined);

// The times of a query as the API takes them.
export const timesOf = ({ span, from, to }) =>
  span === OWN ? { from: utc(from), to: utc(to) } : { from: span in SPANS ? new Date(Date.now() - SPANS[span]).toISOString() : undefined };
