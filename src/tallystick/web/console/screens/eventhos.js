import { call as callGateway } from "../parts/api.js";
import { Json, pretty } from "../parts/code.js";
import { confirm } from "../parts/dialog.js";
import { Filters, timeFields, timesOf } from "../parts/filters.js";
import { html, useState } from "../parts/html.js";
import { useLive } from "../parts/live.js";
import { otherApi, request } from "../parts/other_api.js";
import { useLoaded, usePages } from "../parts/pages.js";
import { Detail, Facts, Split } from "../parts/panel.js";
import { setQuery, useQuery } from "../parts/router.js";
import { setup } from "../parts/setup.js";
import { Empty, Failure, Loading, State } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Time, clock } from "../parts/time.js";
import { attempt } from "../parts/toast.js";

export const path = "eventhos";
export const title = "eventhos";
export const isShown = setup.apis.includes("eventhos");

const { call, Access } = otherApi({
  api: "eventhos",
  title: "eventhos",
  fields: [{ name: "username", label: "Username" }, { name: "password", label: "Password", secret: true }],
  headers: ({ token }) => ({ Authorization: `Bearer ${token}` }),
  signIn: async (person) => {
    const { content } = await request("POST", "/auth/login", { body: person });
    return { token: content.access_token };
  },
});

const PAGE = 50;

// A list of the API is read on by the number of a page.
const lister = (address) => async (query, cursor) => {
  const pageIndex = cursor ?? 0;
  const { content } = await call("GET", address, { query: { ...query, itemsPerPage: PAGE, pageIndex, order: "desc" } });
  return { rows: content.items, next: pageIndex + 1 < content.totalPages ? pageIndex + 1 : null };
};

const STATES = { done: "good", processed: "good", dead: "bad", error: "bad", held: "warn", cancelled: "quiet", pending: "busy", leased: "busy", waiting: "busy" };
const States = ({ of }) => (of ?? []).map((state) => html`<${State} value=${state} kind=${STATES[state] ?? "busy"} /> `);

const LOG_FIELDS = [
  { name: "idSearch", label: "Id" },
  { name: "eventIdentifierSearch", label: "Event identifier", placeholder: "new-bomb-k736k3hiW7", wide: true },
  { name: "systemId", label: "Producer (system id)" },
  { name: "state", label: "State", options: [["", "All"], ...["processed", "error", "aborted", "waiting", "pending", "leased", "done", "dead", "held"].map((each) => [each, each])] },
];

const LISTS = {
  log: { title: "Events log", list: lister("/event/received"), fields: LOG_FIELDS, columns: [
    { title: "Event", cell: (e) => e.eventName || e.eventIdentifier, class: "strong" },
    { title: "Identifier", cell: (e) => e.eventIdentifier, class: "mono extra" },
    { title: "Producer", cell: (e) => e.systemName },
    { title: "State", cell: (e) => html`<${States} of=${e.state} />` },
    { title: "Received", cell: (e) => html`<${Time} value=${e.receivedAt} />`, class: "time" },
  ] },
  systems: { title: "Systems", list: lister("/system"), columns: [
    { title: "System", cell: (s) => s.name, class: "strong" },
    { title: "Class", cell: (s) => s.systemClass },
    { title: "Type", cell: (s) => s.type },
    { title: "Identifier", cell: (s) => s.identifier, class: "mono" },
  ] },
  events: { title: "Events", list: lister("/event"), columns: [
    { title: "Event", cell: (e) => e.name, class: "strong" },
    { title: "Operation", cell: (e) => e.operation },
    { title: "Identifier", cell: (e) => e.identifier, class: "mono" },
  ] },
  actions: { title: "Actions", list: lister("/action"), columns: [
    { title: "Action", cell: (a) => a.name, class: "strong" },
    { title: "System", cell: (a) => a.system_name },
    { title: "Calls", cell: (a) => `${a.method ?? ""} ${a.url ?? ""}`, class: "mono" },
    { title: "Usable", cell: (a) => html`<${State} value=${a.unusable || "yes"} kind=${a.unusable ? "bad" : "good"} />` },
  ] },
  contracts: { title: "Contracts", list: lister("/contract"), columns: [
    { title: "Contract", cell: (c) => c.name, class: "strong" },
    { title: "Active", cell: (c) => html`<${State} value=${c.active ? "yes" : "no"} kind=${c.active ? "good" : "quiet"} />` },
    { title: "From", cell: (c) => `${c.producerName}: ${c.eventIdentifier}` },
    { title: "To", cell: (c) => `${c.consumerName}: ${c.actionIdentifier}` },
    { title: "Order", cell: (c) => c.order, class: "number" },
  ] },
};

export function Screen() {
  const query = useQuery();
  const chosen = query.show in LISTS ? query.show : "log";
  const choose = (name) => setQuery({ ...Object.fromEntries(Object.keys(query).map((each) => [each, undefined])), show: name });
  return html`
    <div class="head"><h1>eventhos</h1><p role="group" aria-label="What to show">${Object.entries(LISTS).map(([name, { title: words }]) => html`
      <button type="button" aria-pressed=${String(name === chosen)} onClick=${() => choose(name)}>${words}</button> `)}</p></div>
    <${Access}><${List} ...${LISTS[chosen]} name=${chosen} key=${chosen} /><//>
    ${chosen === "actions" && html`<${TemplateTester} heading="h2" />`}`;
}

const TIMES = ["span", "from", "to"];

function List({ name, title: words, list, columns, fields = [] }) {
  const query = useQuery();
  const isLog = name === "log";
  const shown = isLog ? [...timeFields(query), ...fields] : fields;
  const names = isLog ? [...TIMES, ...fields.map((field) => field.name)] : [];
  const chosen = names.map((each) => query[each]);
  const pages = usePages((cursor) => list(isLog ? askedOf(query, fields) : {}, cursor), chosen);
  useLive("events", pages.refresh, isLog);
  useLive("deliveries", pages.refresh, isLog);
  const empty = html`<${Empty} title=${chosen.some(Boolean) ? "No event matches" : `No ${words.toLowerCase()} yet`} />`;
  const open = isLog ? (row) => setQuery({ id: row.id }) : undefined;
  return html`${shown.length > 0 && html`<${Filters} fields=${shown} />`}
    <${Split}
      list=${html`<${Table} label=${words} columns=${columns} pages=${pages} selected=${query.id} empty=${empty} open=${open} />`}
      detail=${isLog && query.id && html`<${Received} id=${query.id} key=${query.id} changed=${pages.refresh} />`} />`;
}

function askedOf(query, fields) {
  const { from: fromTime, to: toTime } = timesOf(query);
  return { fromTime, toTime, ...Object.fromEntries(fields.map(({ name }) => [name, query[name]])) };
}

function Received({ id, changed }) {
  const { value, error, reload } = useLoaded(() => call("GET", `/event/received/${encodeURIComponent(id)}`).then(({ content }) => content), [id]);
  useLive("deliveries", reload);
  if (error) return html`<${Detail} of=${id} title="Event"><${Failure} error=${error} again=${reload} /><//>`;
  if (!value) return html`<${Detail} of=${id} title="Event"><${Loading} /><//>`;
  const { receivedEvent: event, executedEventContracts: runs } = value;
  const did = () => {
    reload();
    changed();
  };
  return html`<${Detail} of=${id} title=${event.eventName || event.eventIdentifier}>
    <${Facts} facts=${[
      ["Received", html`<${Time} value=${event.receivedAt} /> <span class="quiet">${clock(event.receivedAt)}</span>`],
      ["Producer", event.systemName],
      ["Identifier", html`<code>${event.eventIdentifier}</code>`],
      ["Operation", event.eventOperation],
      ["Id", html`<code>${event.id}</code>`],
    ]} />
    <h3>Contracts</h3>
    ${runs.length === 0 && html`<p class="quiet">No contract was active for this event when it came.</p>`}
    <ul class="lines">${runs.map((run) => html`<${Run} key=${run.detailId} run=${run} did=${did} />`)}</ul>
    <h3>As it was sent</h3>
    <${Json} label="Request" value=${event.received_request} />
    <${TemplateTester} event=${event.received_request} heading="h3" />
  <//>`;
}

function Run({ run, did }) {
  const [open, setOpen] = useState(false);
  const body = { contractDetailId: run.detailId, receivedEventId: run.receivedEventId };
  const again = () => attempt(() => call("POST", "/event/send/contract", { body }), "The contract is tried again now.").then(did);
  const abort = async () => {
    const agreed = await confirm({ title: `Abort ${run.contractName}?`, text: "It is not tried any more. You can try it again later.", action: "Abort" });
    if (agreed) attempt(() => call("POST", "/event/retry/aborted", { body }), "The contract's run is aborted.").then(did);
  };
  return html`<li><strong>${run.contractName}</strong> <${States} of=${[run.state]} />
    <span class="quiet">${run.attempts} ${run.attempts === 1 ? "attempt" : "attempts"}, order ${run.order}, calls ${run.actionName}</span>
    <button type="button" class="small" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>Attempts</button>
    <button type="button" class="small" onClick=${again}>Try again</button>
    ${!run.isAborted && !["done", "processed"].includes(run.state) && html`<button type="button" class="small" onClick=${abort}>Abort</button>`}
    ${run.reason && html`<span class="reason">${run.reason}</span>`}
    ${open && html`<${Tries} id=${run.detailId} />`}</li>`;
}

function Tries({ id }) {
  const { value, error, reload } = useLoaded(() => call("GET", `/event/received/execution-detail/${encodeURIComponent(id)}`).then(({ content }) => content), [id]);
  if (error) return html`<${Failure} error=${error} again=${reload} />`;
  if (!value) return html`<${Loading} />`;
  return html`<div class="reason">${value.tries.map((tried) => html`<h4>Attempt ${tried.number}, <${Time} value=${tried.startedAt} />: ${tried.status ?? tried.error ?? tried.outcome}</h4>
    <${Json} label=${`Request of attempt ${tried.number}`} value=${tried.request} />
    ${tried.response && html`<${Json} label=${`Answer to attempt ${tried.number}`} value=${tried.response} />`}`)}</div>`;
}

const TEMPLATE = { url: "https://shop.example.com/orders/${.body.id}", method: "POST", rawBody: { id: "${.body.id}" } };
const EXAMPLE = { headers: "x-shop: 7", data: { id: 1 } };

// An event of the log as the tester takes it: its headers as lines, and its body.
const asTried = ({ headers, body }) => ({
  headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n"),
  data: body,
});

// What an action would send for an event; nothing is sent.
function TemplateTester({ event, heading }) {
  const [result, setResult] = useState(null);
  const send = async (e) => {
    e.preventDefault();
    const typed = new FormData(e.target);
    try {
      const body = { template: JSON.parse(typed.get("template")), event: JSON.parse(typed.get("event")) };
      setResult(await callGateway("POST", "templates/try", { body }));
    } catch (error) {
      setResult({ error: error.message });
    }
  };
  return html`<section class="below"><${heading}>Try a template<//>
    <form class="pair" onSubmit=${send}>
      <label>What the action sends<textarea name="template" rows="10" spellcheck=${false}>${pretty(TEMPLATE)}</textarea></label>
      <label>Event<textarea name="event" rows="10" spellcheck=${false}>${pretty(event ? asTried(event) : EXAMPLE)}</textarea></label>
      <button>Try it</button>
    </form>
    <div role="status">${result?.error && html`<p class="wrong">${result.error}</p>`}
      ${result?.request && html`<${Json} label="It would send" value=${result.request} />`}</div>
  </section>`;
}
