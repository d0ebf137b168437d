import { confirm } from "../parts/dialog.js";
import { html, useState } from "../parts/html.js";
import { useLive } from "../parts/live.js";
import { otherApi } from "../parts/other_api.js";
import { useLoaded, usePages } from "../parts/pages.js";
import { Detail, Facts, Split, closeDetail } from "../parts/panel.js";
import { setQuery, useQuery } from "../parts/router.js";
import { setup } from "../parts/setup.js";
import { Empty, Failure, Loading, State } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { attempt } from "../parts/toast.js";

export const path = "keyastrom";
export const title = "keyastrom";
export const isShown = setup.apis.includes("keyastrom");

const { call, Access } = otherApi({
  api: "keyastrom",
  title: "keyastrom",
  fields: [{ name: "key", label: "API token", secret: true }],
  headers: ({ key }) => ({ Authorization: `Api-Token ${key}` }),
});

const timeOf = (ms) => (ms > 0 ? new Date(ms).toISOString() : null);

// A list of the API is read on by a key that stands alone.
const lister = (address, member, id) => async (query, cursor) => {
  const page = await call("GET", address, { query: cursor ? { nextPageKey: cursor } : query });
  return { rows: page[member].map((row) => ({ ...row, id: row[id] })), next: page.nextPageKey };
};
const listProblems = lister("/api/v2/problems", "problems", "problemId");
const listEntities = lister("/api/v2/entities", "entities", "entityId");

export function Screen() {
  const query = useQuery();
  return html`<div class="head"><h1>keyastrom</h1></div>
    <${Access}>
      <${Problems} chosen=${query.id} all=${query.all} />
      <${Playground} selector=${query.selector} />
    <//>`;
}

const COLUMNS = [
  { title: "Problem", cell: (p) => p.title, class: "strong" },
  { title: "Status", cell: (p) => html`<${State} value=${p.status.toLowerCase()} kind=${p.status === "OPEN" ? "bad" : "quiet"} />` },
  { title: "Severity", cell: (p) => p.severityLevel.toLowerCase() },
  { title: "Affects", cell: (p) => p.affectedEntities.map((entity) => entity.name).join(", ") },
  { title: "Since", cell: (p) => html`<${Time} value=${timeOf(p.startTime)} />`, class: "time" },
];

function Problems({ chosen, all }) {
  const asked = { from: "now-30d", problemSelector: all ? undefined : 'status("open")' };
  const pages = usePages((cursor) => listProblems(asked, cursor), [all]);
  useLive("events", pages.refresh);
  const empty = html`<${Empty} title=${all ? "No problem in the last 30 days" : "No open problem"}>An event of a kind such as ERROR_EVENT opens one on the entities that its selector names.<//>`;
  return html`
    <div class="head"><h2>Problems</h2>
      <button type="button" aria-pressed=${String(!!all)} onClick=${() => setQuery({ all: all ? undefined : 1 })}>Closed ones too</button></div>
    <${Split}
      list=${html`<${Table} label="Problems" columns=${COLUMNS} pages=${pages} selected=${chosen} empty=${empty} open=${(p) => setQuery({ id: p.id })} />`}
      detail=${chosen && html`<${Problem} id=${chosen} key=${chosen} changed=${pages.reload} />`} />`;
}

function Problem({ id, changed }) {
  const of = `/api/v2/problems/${encodeURIComponent(id)}`;
  const { value: problem, error, reload } = useLoaded(() => call("GET", of, { query: { fields: "evidenceDetails,recentComments" } }), [id]);
  if (error) return html`<${Detail} of=${id} title="Problem"><${Failure} error=${error} again=${reload} /><//>`;
  if (!problem) return html`<${Detail} of=${id} title="Problem"><${Loading} /><//>`;
  const close = async () => {
    const agreed = await confirm({ title: `Close ${problem.title}?`, text: "A closed problem stays closed. The next event of the kind opens another.", action: "Close the problem" });
    if (agreed && (await attempt(() => call("POST", `${of}/close`, { body: { message: "Closed in the console." } }), "The problem is closed."))) {
      changed();
      closeDetail();
    }
  };
  const comment = (e) => {
    e.preventDefault();
    const message = new FormData(e.target).get("message").trim();
    e.target.reset();
    attempt(() => call("POST", `${of}/comments`, { body: { message } }), "The comment is kept.").then(reload);
  };
  return html`<${Detail} of=${id} title=${problem.title}>
    <${Facts} facts=${[
      ["Status", problem.status.toLowerCase()],
      ["Id", html`<code>${problem.displayId}</code>`],
      ["Began", html`<${Time} value=${timeOf(problem.startTime)} />`],
      ["Ended", problem.endTime > 0 && html`<${Time} value=${timeOf(problem.endTime)} />`],
      ["Affects", problem.affectedEntities.map((entity) => entity.name).join(", ")],
    ]} />
    ${problem.status === "OPEN" && html`<p><button type="button" onClick=${close}>Close the problem</button></p>`}
    <h3>Comments</h3>
    <ul class="lines">${(problem.recentComments?.comments ?? []).map((c) => html`<li key=${c.id}><span>${c.content}</span>
      <span class="quiet">${c.authorName} <${Time} value=${timeOf(c.createdAtTimestamp)} /></span></li>`)}</ul>
    <form class="filters" onSubmit=${comment}><label class="wide">Comment<input name="message" required /></label><button>Add</button></form>
  <//>`;
}

const ENTITY_COLUMNS = [
  { title: "Entity", cell: (entity) => entity.displayName, class: "strong" },
  { title: "Type", cell: (entity) => entity.type },
  { title: "Id", cell: (entity) => entity.entityId, class: "mono" },
];

// Which entities a selector names, before an event is sent with it.
function Playground({ selector }) {
  const [typed, setTyped] = useState(selector ?? "type(SERVICE)");
  const pages = usePages((cursor) => (selector ? listEntities({ entitySelector: selector }, cursor) : Promise.resolve({ rows: [] })), [selector]);
  const send = (e) => {
    e.preventDefault();
    setQuery({ selector: typed });
  };
  const empty = selector
    ? html`<${Empty} title="No entity is like this">An event with this selector would be refused.<//>`
    : html`<p class="quiet">Try a selector before you send an event with it.</p>`;
  return html`<section class="below"><h2>Try a selector</h2>
    <form class="filters" onSubmit=${send}>
      <label class="wide">Entity selector<input value=${typed} onInput=${(e) => setTyped(e.target.value)} spellcheck=${false} autocomplete="off" /></label>
      <button>Try it</button>
    </form>
    <${Table} label="Entities" columns=${ENTITY_COLUMNS} pages=${pages} empty=${empty} />
  </section>`;
}
