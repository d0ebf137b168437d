import { call, stream } from "../parts/api.js";
import { Code, Json } from "../parts/code.js";
import { confirm, present } from "../parts/dialog.js";
import { html, useEffect, useState } from "../parts/html.js";
import { useLoaded } from "../parts/pages.js";
import { Detail, Facts, Split } from "../parts/panel.js";
import { setQuery, useQuery } from "../parts/router.js";
import { may } from "../parts/session.js";
import { setup } from "../parts/setup.js";
import { signal, useSignal } from "../parts/signal.js";
import { Empty, Failure, State } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { LANGUAGES, asTest } from "../parts/request_test.js";
import { Time, clock } from "../parts/time.js";
import { attempt } from "../parts/toast.js";

export const path = "mock";
export const title = "Mock";
export const isShown = setup.mock;

const MOST = 500;
const AGAIN_MS = 1000;

// The requests that the mock has kept, the newest first; the stream tells each, and again when it is answered.
const journal = signal([]);

function take(name, data) {
  if (name === "clear") journal.set([]);
  if (name !== "request") return;
  const others = journal.value.filter((request) => request.id !== data.id);
  const isNew = others.length === journal.value.length;
  journal.set(isNew ? [data, ...others].slice(0, MOST) : journal.value.map((request) => (request.id === data.id ? data : request)));
}

async function watch(signal) {
  while (!signal.aborted) {
    // All requests come anew with a stream; until then the old ones are shown.
    await stream("mock/requests/stream?after=0", take, signal, () => journal.set([])).catch(() => {});
    await new Promise((again) => setTimeout(again, AGAIN_MS));
  }
}

// What the mock says of a request: [words, kind]. A preference was asked for, a violation is a mistake.
function notesOf(request) {
  const count = request.violations.length;
  return [
    count && [`${count} mistake${count === 1 ? "" : "s"}: ${request.violations[0].name} ${request.violations[0].message}`, "bad"],
    request.unjudged.length && ["a part was not judged", "warn"],
    request.outside && ["outside the contract", "warn"],
    request.fault && [`fault: ${request.fault}`, "busy"],
    request.rule && [`by the rule ${request.rule}`, "busy"],
    request.preferred && [`asked for: ${request.preferred}`, "quiet"],
  ].filter(Boolean);
}

const statusOf = (request) => request.answer?.status ?? request.state;
const kindOf = (request) => (!request.answer ? "busy" : request.answer.status < 400 ? "good" : request.preferred || request.rule ? "quiet" : "bad");

// A first call, where the API that takes it is served.
const EXAMPLE = setup.apis.includes("event_store") ? `curl -i '${location.origin}/create'` : undefined;

const COLUMNS = [
  { title: "Request", cell: (r) => html`<span class="method">${r.method}</span> ${r.target}`, class: "mono line" },
  { title: "Answer", cell: (r) => html`<${State} value=${statusOf(r)} kind=${kindOf(r)} />`, class: "number" },
  { title: "Operation", cell: (r) => r.operation || html`<span class="bad">none</span>`, class: "extra" },
  { title: "What the mock says", cell: (r) => notesOf(r).map(([words, kind]) => html`<span class=${`say ${kind}`}>${words}</span> `) },
  { title: "Time", cell: (r) => html`<${Time} value=${r.time} />`, class: "time" },
];

export function Screen() {
  const query = useQuery();
  const all = useSignal(journal);
  useEffect(() => {
    const stopped = new AbortController();
    watch(stopped.signal);
    return () => stopped.abort();
  }, []);
  const rows = query.text ? all.filter((r) => JSON.stringify(r).toLowerCase().includes(query.text.toLowerCase())) : all;
  const empty = all.length
    ? html`<${Empty} title="No request matches">Take the filter away.<//>`
    : html`<${Empty} title="No requests yet" paste=${EXAMPLE}>Call the mock, and look here at what came and what it answered.<//>`;
  return html`
    <div class="head"><h1>Mock</h1>${may("mock:write") && html`<${Reset} />`}</div>
    <form class="filters" role="search" onSubmit=${(e) => e.preventDefault()}>
      <label class="wide">Text in a request or its answer
        <input name="text" type="search" value=${query.text ?? ""} autocomplete="off" onInput=${(e) => setQuery({ text: e.target.value }, { replace: true })} />
      </label>
    </form>
    <${Split}
      list=${html`<${Table} label="Requests" columns=${COLUMNS} pages=${{ rows }} selected=${query.id} empty=${empty} open=${(r) => setQuery({ id: r.id })} />`}
      detail=${query.id && html`<${RequestDetail} id=${query.id} request=${all.find((r) => r.id === query.id)} key=${query.id} />`} />
    <${Rules} /><${Clock} /><${Snapshots} />`;
}

function Reset() {
  const forget = () => attempt(() => call("DELETE", "mock/requests"), "The requests are forgotten.");
  const reset = async () => {
    const agreed = await confirm({
      title: "Reset the mock?",
      text: "Its state goes back to its world, and its requests, rules and clock are forgotten. A snapshot taken before can bring them back.",
      action: "Reset", danger: true,
    });
    if (agreed) attempt(() => call("POST", "mock/reset"), "The mock is as it was at its start.");
  };
  return html`<button type="button" onClick=${forget}>Forget the requests</button>
    <button type="button" onClick=${reset}>Reset</button>`;
}

function RequestDetail({ id, request }) {
  if (!request) return html`<${Detail} of=${id} title="Request"><p>The mock has forgotten this request.</p><//>`;
  const { answer } = request;
  return html`<${Detail} of=${id} title=${`${request.method} ${request.target}`}>
    <${Facts} facts=${[
      ["Time", clock(request.time)],
      ["Operation", request.operation || "none: the contract has no such method and path"],
      ["Answer", html`<${State} value=${statusOf(request)} kind=${kindOf(request)} /> ${request.ms !== undefined && html`<span class="quiet">after ${request.ms} ms</span>`}`],
      ["Asked for", request.preferred && `${request.preferred}, by the header Prefer`],
      ["By the rule", request.rule],
      ["Fault", request.fault],
    ]} />
    ${request.violations.length > 0 && html`<h3>Mistakes</h3><ul class="lines">${request.violations.map((v) => html`<li>
      <strong>${v.where} ${v.name}</strong> <span>${v.message}</span> ${v.code && html`<code>${v.code}</code>`}</li>`)}</ul>`}
    ${request.unjudged.length > 0 && html`<h3>Not judged</h3><ul class="lines">${request.unjudged.map((u) => html`<li>${u}</li>`)}</ul>`}
    ${may("mock:write") && request.operation && html`<${MakeRule} request=${request} />`}
    <h3>Sent</h3>
    <${Json} label="Headers sent" value=${request.headers} />
    <${Body} of=${request} label="Body sent" />
    ${answer && html`<h3>Answered</h3><${Json} label="Headers answered" value=${answer.headers} /><${Body} of=${answer} label="Body answered" />`}
    <h3>Copy as a test</h3>
    <${AsTest} request=${request} />
  <//>`;
}

const Body = ({ of, label }) =>
  of.body !== undefined ? html`<${Json} label=${label} value=${of.body} />` : of.text ? html`<${Code} label=${label} text=${of.text} />` : null;

function AsTest({ request }) {
  const [language, setLanguage] = useState(LANGUAGES[0]);
  return html`<p role="group" aria-label="Language">${LANGUAGES.map((each) => html`
      <button type="button" class="small" aria-pressed=${String(each === language)} onClick=${() => setLanguage(each)}>${each}</button> `)}</p>
    <p class="quiet">It holds the mock to this answer. Put your own secrets where *** stands.</p>
    <${Code} label=${`A test in ${language}`} text=${asTest(language, request, location.origin)} />`;
}

function MakeRule({ request }) {
  const make = async () => {
    const { answer } = request;
    const rule = {
      operation: request.operation,
      match: matchOf(request),
      answer: { outside: true, status: answer?.status ?? 200, ...(answer?.body !== undefined && { body: answer.body }) },
    };
    const agreed = await confirm({
      title: "Make a rule of this request?",
      text: "A request to this operation with the same values is answered by this from now on. You may take the rule away below.",
      action: "Make the rule",
    });
    if (agreed && (await attempt(() => call("POST", "mock/rules", { body: rule }), "The rule is made."))) rulesChanged.set({});
  };
  return html`<p><button type="button" onClick=${make} disabled=${!request.answer}>Make a rule of this request</button></p>`;
}

function matchOf(request) {
  const single = (values) => Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
  const match = { path: single(request.path), query: single(request.query) };
  if (request.body && typeof request.body === "object") match.body = request.body;
  return Object.fromEntries(Object.entries(match).filter(([, values]) => Object.keys(values).length > 0));
}

const rulesChanged = signal({});

function Rules() {
  const changed = useSignal(rulesChanged);
  const { value, error, reload } = useLoaded(() => call("GET", "mock/rules"), [changed]);
  const remove = (rule) => attempt(() => call("DELETE", `mock/rules/${encodeURIComponent(rule.id)}`), "The rule is gone.", {
    undo: () => call("POST", "mock/rules", { body: withoutOwn(rule) }).then(reload),
  }).then(reload);
  return html`<section class="below"><h2>Rules</h2>
    ${error && html`<${Failure} error=${error} again=${reload} />`}
    ${value?.rules.length === 0 && html`<p class="quiet">The mock has no rules: it answers as its contract and its state say. Choose a request, and make a rule of it.</p>`}
    <ul class="lines">${value?.rules.map((rule) => html`<li key=${rule.id}>
      <strong>${rule.operation ?? rule.api ?? "every operation"}</strong>
      <span class="quiet">used ${rule.used ?? 0} times</span>
      <button type="button" class="small" onClick=${() => present({ title: `The rule ${rule.id}`, body: html`<${Json} label="Rule" value=${rule} />` })}>Show</button>
      ${may("mock:write") && html`<button type="button" class="small" onClick=${() => remove(rule)}>Delete</button>`}
    </li>`)}</ul></section>`;
}

const withoutOwn = ({ used, ...rule }) => rule;

function Clock() {
  const { value, error, reload } = useLoaded(() => call("GET", "mock/clock"), []);
  if (error || !value) return null;
  const set = (body, told) => attempt(() => call("PUT", "mock/clock", { body }), told).then(reload);
  return html`<section class="below"><h2>Clock</h2>
    <p><code>${value.now}</code> <span class="quiet">${value.frozen ? "it stands still" : "it runs"}</span></p>
    ${may("mock:write") && html`<p class="actions">
      <button type="button" onClick=${() => set({ frozen: !value.frozen }, value.frozen ? "The clock runs." : "The clock stands still.")}>${value.frozen ? "Let it run" : "Stop it"}</button>
      <button type="button" onClick=${() => set({ advance: "1h" }, "It is an hour later.")}>An hour later</button>
      <button type="button" onClick=${() => set({ advance: "24h" }, "It is a day later.")}>A day later</button></p>`}
  </section>`;
}

function Snapshots() {
  const { value, error, reload } = useLoaded(() => call("GET", "mock/snapshots"), []);
  if (error || !value) return null;
  const of = (name) => `mock/snapshots/${encodeURIComponent(name)}`;
  const keep = (e) => {
    e.preventDefault();
    const name = new FormData(e.target).get("name").trim();
    attempt(() => call("PUT", of(name)), `The snapshot ${name} is taken.`).then(reload);
  };
  const restore = async (name) => {
    const agreed = await confirm({ title: `Go back to ${name}?`, text: "The mock's state, rules and clock are replaced by those of the snapshot.", action: "Go back" });
    if (agreed) attempt(() => call("POST", of(name)), "The mock is as it was then.").then(() => rulesChanged.set({}));
  };
  return html`<section class="below"><h2>Snapshots</h2>
    <ul class="lines">${value.snapshots.map(({ name }) => html`<li key=${name}><strong>${name}</strong>
      ${may("mock:write") && html`<button type="button" class="small" onClick=${() => restore(name)}>Go back to it</button>
      <button type="button" class="small" onClick=${() => attempt(() => call("DELETE", of(name)), "The snapshot is gone.").then(reload)}>Delete</button>`}</li>`)}</ul>
    ${may("mock:write") && html`<form class="filters" onSubmit=${keep}><label>Name<input name="name" required maxlength="64" /></label><button>Take a snapshot</button></form>`}
  </section>`;
}
