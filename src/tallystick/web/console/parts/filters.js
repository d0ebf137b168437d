import { html, useEffect, useState } from "./html.js";
import { setQuery, useQuery } from "./router.js";

// Fields whose values stand in the address. A field is {name, label, options? | placeholder?, wide?}.
export function Filters({ fields }) {
  const query = useQuery();
  const used = fields.filter(({ name }) => query[name]);
  const clear = () => setQuery(Object.fromEntries(used.map(({ name }) => [name, undefined])));
  return html`<form class="filters" role="search" onSubmit=${(e) => e.preventDefault()}>
    ${fields.map((field) => html`<${Field} key=${field.name} field=${field} value=${query[field.name] ?? ""} />`)}
    ${used.length > 0 && html`<button type="button" onClick=${clear}>Clear filters</button>`}
  </form>`;
}

// What is typed becomes the filter at Enter, or as the field is left; until then the list stays.
function Field({ field, value }) {
  const { name, label, options, placeholder, type, wide } = field;
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const change = (e) => setQuery({ [name]: e.target.value.trim(), id: undefined });
  return html`<label class=${wide && "wide"}>${label}
    ${options
      ? html`<select name=${name} value=${value} onChange=${change}>
          ${withValue(options, value).map(([option, words]) => html`<option value=${option} selected=${option === value}>${words}</option>`)}
        </select>`
      : html`<input name=${name} type=${type ?? "text"} step=${type && 1} value=${draft} placeholder=${placeholder}
          autocomplete="off" spellcheck=${false} onInput=${(e) => setDraft(e.target.value)} onChange=${change} />`}
  </label>`;
}

// An address may name what the list does not have.
const withValue = (options, value) => (options.some(([option]) => option === value) ? options : [...options, [value, value]]);

const SPANS = { "15m": 9e5, "1h": 36e5, "24h": 864e5, "7d": 6048e5 };
const OWN = "own";
const SPAN = {
  name: "span", label: "Time",
  options: [["", "Any time"], ["15m", "Last 15 minutes"], ["1h", "Last hour"], ["24h", "Last 24 hours"], ["7d", "Last 7 days"], [OWN, "From … to …"]],
};

// The fields of the time: a span, or two times in the reader's zone.
export const timeFields = ({ span }) =>
  span === OWN
    ? [SPAN, { name: "from", label: "From", type: "datetime-local" }, { name: "to", label: "To", type: "datetime-local" }]
    : [SPAN];

// What is no time is left out, as its field is then empty.
const utc = (local) => (Number.isNaN(Date.parse(local)) ? undefined : new Date(local).toISOString());

// The times of a query as the API takes them.
export const timesOf = ({ span, from, to }) =>
  span === OWN ? { from: utc(from), to: utc(to) } : { from: span in SPANS ? new Date(Date.now() - SPANS[span]).toISOString() : undefined };
