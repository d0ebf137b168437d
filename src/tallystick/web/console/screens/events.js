import { call } from "../parts/api.js";
import { Json } from "../parts/code.js";
import { DeliveryLine, listDeliveries } from "../parts/deliveries.js";
import { Filters, timeFields, timesOf } from "../parts/filters.js";
import { html, useState } from "../parts/html.js";
import { useChanges, useLive } from "../parts/live.js";
import { readSome, useLoaded, usePages } from "../parts/pages.js";
import { Detail, Facts, Split } from "../parts/panel.js";
import { Link, setQuery, useQuery } from "../parts/router.js";
import { setup } from "../parts/setup.js";
import { Empty, Failure, Loading } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Time, clock } from "../parts/time.js";

export const path = "events";
export const title = "Events";

const OWN = "tallystick"; // the API of the service's own alarms
const FIELDS = [
  { name: "api", label: "API", options: [["", "All"], ...[...setup.apis, OWN].map((api) => [api, api])] },
  { name: "type", label: "Type", placeholder: "START_EC2" },
  { name: "source", label: "Source", placeholder: "/event_store/EDF" },
  { name: "subject", label: "Subject" },
  { name: "text", label: "Text", placeholder: "words in subject and data", wide: true },
];
const NAMES = ["span", "from", "to", ...FIELDS.map((field) => field.name)];
const WORDS_SPAN = "24h"; // a search in the text needs a start

// A first event, where the API that takes it is served.
const EXAMPLE = setup.apis.includes("event_store") ? `curl -X POST ${location.origin}/create -H 'x-api-key: ${setup.dev?.event_store.key ?? "YOUR-KEY"}' -H 'Content-Type: application/json' -d '{"cl":"EDF","hs":"AWS","ty":"START_EC2","ac":"525060831330","re":"eu-west-3","st":"OK","me":"Operation successful"}'` : undefined;

const COLUMNS = [
  { title: "Type", cell: (e) => e.type, class: "strong" },
  { title: "Source", cell: (e) => e.source, class: "mono" },
  { title: "Subject", cell: (e) => e.subject ?? "", class: "mono spare" },
  { title: "Time", cell: (e) => html`<${Time} value=${e.time} />`, class: "time" },
];

function listEvents({ span, from, to, ...query }, cursor) {
  const times = timesOf({ span: span || (query.text && WORDS_SPAN), from, to });
  return readSome(async (after) => {
    const page = await call("GET", "events", { query: { ...query, ...times, cursor: after, limit: 50 } });
    return { rows: page.events, next: page.next };
  }, cursor);
}

export function Screen() {
  const query = useQuery();
  const [paused, setPaused] = useState(false);
  const filters = Object.fromEntries(NAMES.map((name) => [name, query[name]]));
  const pages = usePages((cursor) => listEvents(filters, cursor), Object.values(filters));
  const isSearch = !!query.text; // it looks at too many events to be done again each second
  useLive("events", pages.refresh, !paused && !isSearch);
  const empty = NAMES.some((name) => query[name])
    ? html`<${Empty} title="No event matches">Take a filter away, or choose a longer time.<//>`
    : html`<${Empty} title="No events yet" paste=${EXAMPLE}>
        Each event that an API of this server accepts is shown here as it comes.${EXAMPLE && " Send one:"}<//>`;
  return html`
    <div class="head"><h1>Events</h1>
      ${isSearch
        ? html`<button type="button" onClick=${pages.reload}>Search again</button>`
        : html`<button type="button" aria-pressed=${String(paused)} onClick=${() => setPaused(!paused)}>${paused ? "Follow" : "Pause"}</button>`}
    </div>
    <${Filters} fields=${[...timeFields(query), ...FIELDS]} />
    <${Sampled} pages=${pages} />
    <${Split}
      list=${html`<${Table} label="Events" columns=${COLUMNS} pages=${pages} selected=${query.id} empty=${empty}
        open=${(event) => setQuery({ id: event.id })} />`}
      detail=${query.id && html`<${Event} id=${query.id} key=${query.id} />`} />`;
}

function Sampled({ pages }) {
  const { events_per_second: rate } = useChanges();
  if (!pages.skipped) return null;
  return html`<p class="note" role="status">Events come faster than a person reads${
    rate ? ` (${Math.round(rate)} a second)` : ""}: you see a sample, the newest 50 each second. Pause to read.</p>`;
}

function Event({ id }) {
  const { value: event, error, reload } = useLoaded(() => call("GET", `events/${encodeURIComponent(id)}`), [id]);
  if (error) return html`<${Detail} of=${id} title="Event"><${Failure} error=${error} again=${reload} /><//>`;
  if (!event) return html`<${Detail} of=${id} title="Event"><${Loading} /><//>`;
  const { data, ...attributes } = event;
  return html`<${Detail} of=${id} title=${event.type}>
    <${Facts} facts=${[
      ["Time", html`<${Time} value=${event.time} /> <span class="quiet">${clock(event.time)}</span>`],
      ["Source", html`<${Link} to="events" query=${{ source: event.source }}>${event.source}<//>`],
      ["Subject", event.subject],
      ["Id", html`<code>${event.id}</code>`],
    ]} />
    <h3>Deliveries</h3>
    <${Deliveries} event=${id} />
    <h3>Event</h3>
    ${data !== undefined && html`<${Json} label="Data, as it was accepted" value=${data} />`}
    <${Json} label="CloudEvent" value=${data === undefined ? attributes : event} />
  <//>`;
}

function Deliveries({ event }) {
  const pages = usePages((cursor) => listDeliveries({ event }, cursor), [event]);
  useLive("deliveries", pages.refresh);
  if (pages.error) return html`<${Failure} error=${pages.error} again=${pages.reload} />`;
  if (pages.loading && !pages.rows.length) return html`<${Loading} />`;
  if (!pages.rows.length) return html`<p class="quiet">It was delivered to nobody: no subscription or contract matched when it came.</p>`;
  return html`<ul class="lines">${pages.rows.map((d) => html`<${DeliveryLine} key=${d.id} delivery=${d} retried=${pages.refresh} />`)}</ul>
    ${pages.next && html`<button type="button" onClick=${pages.more}>Show more</button>`}`;
}
