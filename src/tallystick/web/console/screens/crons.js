import { call } from "../parts/api.js";
import { Code } from "../parts/code.js";
import { confirm } from "../parts/dialog.js";
import { Filters } from "../parts/filters.js";
import { html } from "../parts/html.js";
import { useLive } from "../parts/live.js";
import { useLoaded, usePages } from "../parts/pages.js";
import { Detail, Facts, Split, closeDetail } from "../parts/panel.js";
import { setQuery, useQuery } from "../parts/router.js";
import { may } from "../parts/session.js";
import { setup } from "../parts/setup.js";
import { Empty, Failure, Loading, State } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Time, duration } from "../parts/time.js";
import { attempt } from "../parts/toast.js";

export const path = "crons";
export const title = "Crons";
export const isShown = setup.apis.includes("charon");

// The states in the order in which they need a look.
const STATES = { failed: "bad", missed: "bad", overrun: "bad", late: "warn", on_time: "good", paused: "quiet" };
const PAGE = 100;
const words = (state) => state.replace("_", " ");
const CronState = ({ value }) => html`<${State} value=${words(value)} kind=${STATES[value]} />`;
const RUNS = 20;
const HOUR_MS = 36e5;

const FIELDS = [
  { name: "state", label: "State", options: [["", "All, bad ones first"], ...Object.keys(STATES).map((state) => [state, words(state)])] },
];
const COLUMNS = [
  { title: "Cron", cell: (cron) => cron.name || cron.slug, class: "strong" },
  { title: "State", cell: (cron) => html`<${CronState} value=${cron.state} />` },
  { title: "Since", cell: (cron) => html`<${Time} value=${cron.stateSince} />`, class: "time extra labelled" },
  { title: "Next due", cell: (cron) => (cron.due ? html`<${Time} value=${cron.due} />` : html`<span class="quiet">not by a schedule</span>`), class: "time labelled" },
  { title: "Running", cell: (cron) => (cron.openExecutions ? cron.openExecutions : ""), class: "number extra labelled" },
  { title: "Schedule", cell: (cron) => cron.every ? `every ${cron.every}` : (cron.schedule ?? ""), class: "mono extra" },
];

const listCrons = (query) => call("GET", "crons", { query });

async function listByState(state, cursor) {
  if (!state) return listBadFirst(cursor);
  const page = await listCrons({ state, cursor, limit: PAGE });
  return { rows: page.crons, next: page.next };
}

// The crons of one state after another: `cursor` is {left, inner}, the states still to be listed and the page of the first.
async function listBadFirst({ left, inner } = { left: Object.keys(STATES) }) {
  const rows = [];
  while (left.length && rows.length < PAGE) {
    const page = await listCrons({ state: left[0], cursor: inner, limit: PAGE });
    rows.push(...page.crons);
    inner = page.next;
    if (!inner) left = left.slice(1);
  }
  return { rows, next: left.length ? { left, inner } : undefined };
}

const of = (slug) => `crons/${encodeURIComponent(slug)}`;

export function Screen() {
  const query = useQuery();
  const pages = usePages((cursor) => listByState(query.state, cursor), [query.state]);
  useLive("crons", pages.refresh);
  const empty = query.state
    ? html`<${Empty} title=${`No cron is ${words(query.state)}`} />`
    : html`<${Empty} title="No crons yet" paste=${`curl -X POST ${location.origin}${setup.prefix}/crons -H 'Authorization: Bearer YOUR-KEY' -H 'Content-Type: application/json' -d '{"slug":"nightly-backup","schedule":"30 2 * * *"}'`}>
        A cron tells this server when it starts and ends, and you see here what did not run. Make one:<//>`;
  return html`
    <div class="head"><h1>Crons</h1></div>
    <${Filters} fields=${FIELDS} />
    <${Split}
      list=${html`<${Table} label="Crons" columns=${COLUMNS} pages=${pages} selected=${pages.rows.find((cron) => cron.slug === query.id)?.id}
        empty=${empty} open=${(cron) => setQuery({ id: cron.slug, run: undefined })} />`}
      detail=${query.id && html`<${Cron} slug=${query.id} key=${query.id} changed=${pages.reload} />`} />`;
}

function Cron({ slug, changed }) {
  const { value: cron, error, reload } = useLoaded(() => call("GET", of(slug)), [slug]);
  useLive("crons", reload);
  if (error) return html`<${Detail} of=${slug} title=${slug}><${Failure} error=${error} again=${reload} /><//>`;
  if (!cron) return html`<${Detail} of=${slug} title=${slug}><${Loading} /><//>`;
  const did = async (action, told, options) => {
    if (await attempt(action, told, options)) {
      reload();
      changed();
    }
  };
  return html`<${Detail} of=${slug} title=${cron.name || slug}>
    <${Facts} facts=${[
      ["State", html`<${CronState} value=${cron.state} /> <span class="quiet">since <${Time} value=${cron.stateSince} /></span>`],
      ["Next due", cron.due && html`<${Time} value=${cron.due} />`],
      ["Muted until", cron.mutedUntil && html`<${Time} value=${cron.mutedUntil} />`],
      ["Slug", html`<code>${slug}</code>`],
      ["Schedule", html`<${Schedule} cron=${cron} />`],
      ["May take", cron.maxRuntime && duration(cron.maxRuntime * 1000)],
    ]} />
    ${may("crons:write") && html`<${Actions} cron=${cron} did=${did} />`}
    <h3>Last runs</h3>
    <${Runs} slug=${slug} did=${did} />
    <h3>In your crontab</h3>
    <${Code} label="A command that tells its start, end and output" text=${`tallystick charon exec ${slug} -- your-command`} />
    <${Code} label="Without a program of ours" text=${lineOf(cron)} />
  <//>`;
}

// A shell's line that tells charon of the start and the end of a command.
function lineOf({ id }) {
  const of = (path, more = "") => `curl -fsS -H "X-API-KEY: $KEY" ${more}${location.origin}/api/${path}`;
  const end = of("$run/end", `-H 'Content-Type: application/json' -d '{"type":"info","success":'$ok'}' `);
  return `run=$(${of(`${id}/start`)} | tr -dc 0-9); your-command && ok=true || ok=false; ${end}`;
}

function Schedule({ cron }) {
  const { value } = useLoaded(
    () => cron.schedule
      ? call("POST", "schedules/preview", { body: { schedule: cron.schedule, timezone: cron.timezone, count: 1 } }).catch(() => null)
      : Promise.resolve(null),
    [cron.schedule, cron.timezone],
  );
  if (cron.every) return `every ${cron.every}, from its last start`;
  if (!cron.schedule) return html`<span class="quiet">none: it can't be late or missed</span>`;
  return html`<code>${cron.schedule}</code> ${value && html`<span>${value.words}, </span>`}<span class="quiet">${cron.timezone}</span>`;
}

function Actions({ cron, did }) {
  const change = (body) => call("PATCH", of(cron.slug), { body });
  const setActive = (active) => did(() => change({ active }), active ? "It is watched again." : "It is paused: its starts are refused.", {
    undo: () => change({ active: !active }),
  });
  const mute = () => did(
    () => change({ mutedUntil: new Date(Date.now() + HOUR_MS).toISOString() }),
    "Nobody is told of it for an hour.",
    { undo: () => change({ mutedUntil: null }) },
  );
  const remove = async () => {
    const agreed = await confirm({
      title: `Delete ${cron.name || cron.slug}?`,
      text: "Its runs and their messages are deleted with it. This can't be undone.",
      action: "Delete", danger: true,
    });
    if (agreed && (await attempt(() => call("DELETE", of(cron.slug)), "The cron is deleted."))) {
      closeDetail();
      did(async () => {}, "");
    }
  };
  return html`<p class="actions">
    <button type="button" onClick=${() => setActive(!cron.active)}>${cron.active ? "Pause" : "Watch again"}</button>
    ${cron.active && html` <button type="button" onClick=${mute}>Mute for an hour</button>`}
    <button type="button" onClick=${remove}>Delete</button>
  </p>`;
}

const RUN_STATES = { succeeded: "good", failed: "bad", lost: "bad", overrun: "warn", running: "busy", abandoned: "quiet" };
const tookOf = (run) => (run.ended ? duration(run.durationMs) : "still open");

function Runs({ slug, did }) {
  const query = useQuery();
  const { value, error, reload } = useLoaded(
    () => call("GET", `${of(slug)}/executions`, { query: { limit: RUNS, messages: 50 } }),
    [slug],
  );
  useLive("crons", reload);
  if (error) return html`<${Failure} error=${error} again=${reload} />`;
  if (!value) return html`<${Loading} />`;
  const runs = value.executions;
  if (!runs.length) return html`<p class="quiet">It has not run yet.</p>`;
  const longest = Math.max(...runs.map((run) => run.durationMs ?? 0), 1);
  const chosen = runs.find((run) => String(run.id) === query.run) ?? runs[0];
  return html`
    <ol class="runs" aria-label="The last runs, the newest last">${[...runs].reverse().map((run) => html`<li key=${run.id}>
      <button type="button" class=${`run ${RUN_STATES[run.state]}`} aria-pressed=${String(run === chosen)} title=${`${run.state}, ${tookOf(run)}`}
        onClick=${() => setQuery({ run: run.id }, { replace: true })}>
        <svg viewBox="0 0 10 40" aria-hidden="true"><rect x="1" width="8" rx="1.5" ...${barOf(run, longest)} /></svg>
        <span class="hidden">${run.state}, ${tookOf(run)}</span>
      </button></li>`)}</ol>
    <${Run} run=${chosen} slug=${slug} did=${did} />`;
}

function barOf(run, longest) {
  const height = Math.max(4, Math.round((38 * (run.durationMs ?? longest)) / longest));
  return { height, y: 39 - height };
}

function Run({ run, slug, did }) {
  const isOpen = !run.ended;
  const end = async () => {
    const agreed = await confirm({
      title: "Give this run up?",
      text: "Do this if its program is gone and can't tell its end. It counts as neither success nor failure.",
      action: "Give up",
    });
    if (agreed) did(() => call("POST", `${of(slug)}/executions/${run.id}/end`, { body: { outcome: "abandoned" } }), "The run is given up.");
  };
  const log = run.messages.map((message) => `${message.time}  ${message.type}  ${message.message}`).join("\n");
  return html`<${Facts} facts=${[
      ["Run", html`<${State} value=${run.state} kind=${RUN_STATES[run.state]} />`],
      ["Started", html`<${Time} value=${run.started} />`],
      ["Took", tookOf(run)],
      ["Exit code", run.exitCode],
    ]} />
    ${isOpen && may("crons:write") && html`<p><button type="button" onClick=${end}>Give up</button></p>`}
    ${log
      ? html`<${Code} label=${run.messageCount > run.messages.length ? `The last ${run.messages.length} of ${run.messageCount} messages` : "Its messages"} text=${log} />`
      : html`<p class="quiet">It left no message.</p>`}`;
}
