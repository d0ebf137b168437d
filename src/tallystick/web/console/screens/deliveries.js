import { call } from "../parts/api.js";
import { Attempts } from "../parts/attempts.js";
import { DeliveryState, STATES, acceptedAt, attemptsOf, isRetryable, listDeliveries, retryAll, retryDelivery } from "../parts/deliveries.js";
import { Filters, timeFields, timesOf } from "../parts/filters.js";
import { html } from "../parts/html.js";
import { useLive, useSlowly } from "../parts/live.js";
import { useLoaded, usePages } from "../parts/pages.js";
import { Detail, Facts, Split } from "../parts/panel.js";
import { Link, setQuery, useQuery } from "../parts/router.js";
import { may } from "../parts/session.js";
import { setup } from "../parts/setup.js";
import { Empty, Failure, Loading } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";

export const path = "deliveries";
export const title = "Deliveries";

const FIELDS = [
  { name: "api", label: "API", options: [["", "All"], ...setup.apis.map((api) => [api, api])] },
  { name: "endpoint", label: "Endpoint", placeholder: "https://example.org:443", wide: true },
  { name: "target", label: "Subscription or contract", placeholder: "its id" },
  { name: "event", label: "Event", placeholder: "its id" },
];
const NAMES = ["span", "from", "to", ...FIELDS.map((field) => field.name)];

const COLUMNS = [
  { title: "State", cell: (d) => html`<${DeliveryState} state=${d.state} />` },
  { title: "Endpoint", cell: (d) => d.endpoint, class: "mono" },
  { title: "Event accepted", cell: (d) => html`<${Time} value=${acceptedAt(d.event)} />`, class: "time labelled" },
  { title: "Tried", cell: (d) => attemptsOf(d.attempts), class: "time spare" },
  { title: "Next", cell: (d) => d.due && html`<${Time} value=${d.due} />`, class: "time spare labelled" },
  { title: "Reason", cell: (d) => d.detail, class: "quiet" },
];

const EMPTY = {
  dead: ["Nothing is dead", "A delivery is dead after its last attempt. You would retry it here."],
  held: ["Nothing is held", "A delivery is held while its endpoint is off or missing."],
  pending: ["Nothing is waiting", "All that was accepted has been delivered, or has ended."],
};

export function Screen() {
  const query = useQuery();
  const filters = Object.fromEntries(NAMES.map((name) => [name, query[name]]));
  const wanted = { ...filters, state: query.state };
  const pages = usePages((cursor) => listDeliveries(withTimes(wanted), cursor), Object.values(wanted));
  const counts = useLoaded(() => countDeliveries(withTimes(filters)), Object.values(filters));
  const reload = () => Promise.all([pages.refresh(), counts.reload()]);
  useLive("deliveries", pages.refresh);
  useSlowly(["deliveries"], counts.reload);
  return html`
    <div class="head"><h1>Deliveries</h1>
      ${may("deliveries:write") && html`<button type="button" onClick=${() => retryAll(withTimes(wanted)).then(reload)}>Retry all that match</button>`}
    </div>
    <${States} chosen=${query.state} counts=${counts.value} />
    <${Filters} fields=${[...timeFields(query), ...FIELDS]} />
    <${Split}
      list=${html`<${Table} label="Deliveries" columns=${COLUMNS} pages=${pages} selected=${query.id}
        open=${(delivery) => setQuery({ id: delivery.id })}
        empty=${html`<${Nothing} state=${query.state} filtered=${NAMES.some((name) => query[name])} />`} />`}
      detail=${query.id && html`<${Delivery} id=${query.id} key=${query.id} changed=${reload} />`} />`;
}

const withTimes = ({ span, from, to, ...filters }) => ({ ...filters, ...timesOf({ span, from, to }) });

// The filters of the counts are those of the list, but for the event.
async function countDeliveries({ event, ...filters }) {
  if (event) return null;
  const { counts } = await call("GET", "deliveries/counts", { query: filters });
  return Object.fromEntries(counts.map(({ state, count }) => [state, count]));
}

const States = ({ chosen = "", counts }) => html`<ul class="chips" aria-label="States">
  ${["", ...Object.keys(STATES)].map((state) => html`<li>
    <button type="button" aria-pressed=${String(state === chosen)} onClick=${() => setQuery({ state, id: undefined })}>
      ${state ? html`<${DeliveryState} state=${state} />` : "All"}
      ${state && counts && html` <span class="count">${(counts[state] ?? 0).toLocaleString()}</span>`}
    </button>
  </li>`)}</ul>`;

function Nothing({ state, filtered }) {
  if (filtered) return html`<${Empty} title="No delivery matches">Take a filter away, or choose another state.<//>`;
  if (state) {
    const [title, words] = EMPTY[state] ?? ["None is in this state", ""];
    return html`<${Empty} title=${title}>${words}<//>`;
  }
  return html`<${Empty} title="No deliveries yet" paste=${`curl -X POST ${location.origin}${setup.prefix}/subscriptions -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' -d '{"name": "mine", "sink": "https://example.org/hook"}'`}>
    An event is delivered to each subscription and contract that it matches. Make a subscription:<//>`;
}

function Delivery({ id, changed }) {
  const { value: delivery, error, reload } = useLoaded(() => call("GET", `deliveries/${encodeURIComponent(id)}`), [id]);
  useLive("deliveries", reload);
  if (error) return html`<${Detail} of=${id} title="Delivery"><${Failure} error=${error} again=${reload} /><//>`;
  if (!delivery) return html`<${Detail} of=${id} title="Delivery"><${Loading} /><//>`;
  const again = () => retryDelivery(delivery).then(() => Promise.all([reload(), changed()]));
  return html`<${Detail} of=${id} title=${delivery.endpoint}>
    <p class="actions"><${DeliveryState} state=${delivery.state} />
      ${isRetryable(delivery.state) && html`<button type="button" class=${delivery.state === "done" ? "" : "primary"} onClick=${again}>Retry</button>`}</p>
    ${delivery.detail && html`<p class="note">${delivery.detail}</p>`}
    <${Facts} facts=${[
      ["Event", html`<${Link} to="events" query=${{ id: delivery.event }}>accepted <${Time} value=${acceptedAt(delivery.event)} /><//>`],
      ["API", delivery.api],
      ["For", html`<${Target} delivery=${delivery} />`],
      ["Next attempt", delivery.due && html`<${Time} value=${delivery.due} />`],
      ["Alike", html`<${Link} to="deliveries" query=${{ api: delivery.api, endpoint: delivery.endpoint, state: delivery.state }}>all ${STATES[delivery.state].words} of this endpoint<//>`],
    ]} />
    <h3>${attemptsOf(delivery.attempts)}</h3>
    ${delivery.attemptList.length ? html`<${Attempts} attempts=${delivery.attemptList} />` : html`<p class="quiet">Nothing was tried yet.</p>`}
  <//>`;
}

// The subscription by its name; a contract of another API by its id.
function Target({ delivery: { api, target } }) {
  const isSubscription = api === "gateway";
  const { value } = useLoaded(async () => (isSubscription ? call("GET", `subscriptions/${encodeURIComponent(target)}`) : null), [target]);
  if (!isSubscription) return html`<code>${target}</code>`;
  return html`<${Link} to="endpoints" query=${{ id: target }}>${value?.name || target}<//>`;
}
