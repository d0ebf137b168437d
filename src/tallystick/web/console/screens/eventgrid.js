import { call as callGateway } from "../parts/api.js";
import { pretty } from "../parts/code.js";
import { html, useState } from "../parts/html.js";
import { otherApi } from "../parts/other_api.js";
import { usePages } from "../parts/pages.js";
import { Facts } from "../parts/panel.js";
import { setQuery, useQuery } from "../parts/router.js";
import { setup } from "../parts/setup.js";
import { Empty, State } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";

export const path = "eventgrid";
export const title = "eventgrid";
export const isShown = setup.apis.includes("eventgrid");

let project = setup.dev?.eventgrid?.project;
const { call, Access } = otherApi({
  api: "eventgrid",
  title: "eventgrid",
  fields: [{ name: "project", label: "Project id" }, { name: "key", label: "Token", secret: true }],
  headers: (credential) => ({ "X-Auth-Token": credential.key }),
  signIn: async (credential) => {
    project = credential.project;
    return credential;
  },
});

const PAGE = 50;

// A list of the API is read on by an offset, counted in pages.
const lister = (name, member = "items") => async (query, cursor) => {
  const offset = cursor ?? 0;
  const page = await call("GET", `/v1/${encodeURIComponent(project)}/${name}`, { query: { ...query, offset, limit: PAGE } });
  const read = offset * PAGE + page[member].length;
  return { rows: page[member].map((row, i) => ({ id: `${offset}-${i}`, ...row })), next: read < page.total ? offset + 1 : null };
};

const KINDS = { RUNNING: "good", ENABLED: "good", ERROR: "bad", DISABLED: "quiet" };
const Status = ({ of }) => html`<${State} value=${of.toLowerCase()} kind=${KINDS[of] ?? "busy"} />`;
const reasonOf = (source) => source.error_info?.error_msg ?? "";
const madeOf = (row) => html`<${Time} value=${row.created_time} />`;

const LISTS = {
  channels: { title: "Channels", list: lister("channels"), columns: [
    { title: "Channel", cell: (c) => c.name, class: "strong" },
    { title: "Kind", cell: (c) => c.provider_type.toLowerCase() },
    { title: "Description", cell: (c) => c.description ?? "" },
    { title: "Id", cell: (c) => c.id, class: "mono" },
    { title: "Made", cell: madeOf, class: "time" },
  ] },
  sources: { title: "Sources", list: lister("sources"), columns: [
    { title: "Source", cell: (s) => s.name, class: "strong" },
    { title: "Status", cell: (s) => html`${s.status && html`<${Status} of=${s.status} />`} ${reasonOf(s)}` },
    { title: "Type", cell: (s) => s.type?.toLowerCase() ?? "" },
    { title: "Channel", cell: (s) => s.channel_name ?? "" },
    { title: "Made", cell: madeOf, class: "time" },
  ] },
  subscriptions: { title: "Subscriptions", list: lister("subscriptions"), columns: [
    { title: "Subscription", cell: (s) => s.name, class: "strong" },
    { title: "Status", cell: (s) => html`<${Status} of=${s.status} />` },
    { title: "Channel", cell: (s) => s.channel_name ?? "" },
    { title: "From", cell: (s) => s.sources.map((source) => source.name).join(", ") },
    { title: "To", cell: (s) => s.targets.map((target) => target.detail?.url ?? target.name).join(", "), class: "mono" },
  ] },
};

export function Screen() {
  const query = useQuery();
  const chosen = query.show in LISTS ? query.show : "channels";
  return html`
    <div class="head"><h1>eventgrid</h1><p role="group" aria-label="What to show">${Object.entries(LISTS).map(([name, { title: words }]) => html`
      <button type="button" aria-pressed=${String(name === chosen)} onClick=${() => setQuery({ show: name })}>${words}</button> `)}</p></div>
    <${Access}><${List} ...${LISTS[chosen]} key=${chosen} /><//>
    <${FilterTester} />`;
}

function List({ title: words, list, columns }) {
  const pages = usePages((cursor) => list({}, cursor), [words]);
  return html`<${Table} label=${words} columns=${columns} pages=${pages} empty=${html`<${Empty} title=${`No ${words.toLowerCase()} yet`} />`} />`;
}

const FILTER = { source: [{ op: "StringIn", values: ["shop"] }] };
const EVENT = { specversion: "1.0", id: "1", source: "shop", type: "order:made", data: { total: 12.5 } };

// Whether a subscription's filter takes an event.
function FilterTester() {
  const [result, setResult] = useState(null);
  const send = async (e) => {
    e.preventDefault();
    const typed = new FormData(e.target);
    setResult(await tryFilter(typed.get("filter"), typed.get("event")));
  };
  return html`<section class="below"><h2>Try a filter</h2>
    <form class="pair" onSubmit=${send}>
      <label>Filter of a subscription<textarea name="filter" rows="10" spellcheck=${false}>${pretty(FILTER)}</textarea></label>
      <label>Event<textarea name="event" rows="10" spellcheck=${false}>${pretty(EVENT)}</textarea></label>
      <button>Try it</button>
    </form>
    <div role="status">${result && html`<${Facts} facts=${[["Result", html`<${State} ...${result} />`]]} />`}</div>
  </section>`;
}

async function tryFilter(filter, event) {
  const read = {};
  for (const [name, typed] of Object.entries({ filter, event })) {
    try {
      read[name] = JSON.parse(typed);
    } catch (error) {
      return { value: `The ${name} is not JSON: ${error.message}`, kind: "bad" };
    }
  }
  try {
    const { matches, mismatches } = await callGateway("POST", "filters/try", { body: read });
    const why = (mismatches ?? []).map((each) => `${each.path}: ${each.message}`).join("; ");
    return matches ? { value: "the filter takes the event", kind: "good" } : { value: `the filter does not take it. ${why}`, kind: "warn" };
  } catch (error) {
    return { value: error.message, kind: "bad" };
  }
}
