import { call } from "../parts/api.js";
import { Attempt } from "../parts/attempts.js";
import { Json } from "../parts/code.js";
import { retryAll } from "../parts/deliveries.js";
import { confirm, presentSecret } from "../parts/dialog.js";
import { html, useState } from "../parts/html.js";
import { useSlowly } from "../parts/live.js";
import { usePages } from "../parts/pages.js";
import { Detail, Facts, Split } from "../parts/panel.js";
import { Link, setQuery, useQuery } from "../parts/router.js";
import { may } from "../parts/session.js";
import { setup } from "../parts/setup.js";
import { Empty, Failure, Loading, State } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { attempt } from "../parts/toast.js";
import { SubscriptionForm } from "../parts/subscription_form.js";
import { listSubscriptions } from "../parts/subscriptions.js";

export const path = "endpoints";
export const title = "Endpoints";

// The deliveries of a subscription: a target of another API may have the same id.
const ofSubscription = (id) => ({ api: "gateway", target: id });

const stateOf = (s) => (s.turnedOff ? "turned off" : s.active ? "on" : "off");
const KINDS = { on: "good", off: "quiet", "turned off": "bad" };
const Switch = ({ of }) => html`<${State} value=${stateOf(of)} kind=${KINDS[stateOf(of)]} />`;

const filtersInWords = (filters) =>
  filters.length ? filters.map((filter) => Object.entries(filter).map(inWords).join(", ")).join(" and ") : "every event";
const inWords = ([dialect, value]) =>
  typeof value === "object" && !Array.isArray(value) && Object.values(value).every((v) => typeof v === "string")
    ? Object.entries(value).map(([name, v]) => `${name} ${dialect === "exact" ? "is" : dialect} ${v}`).join(", ")
    : dialect;

const COLUMNS = [
  { title: "Name", cell: (s) => s.name || "without a name", class: "strong" },
  { title: "State", cell: (s) => html`<${Switch} of=${s} />` },
  { title: "Destination", cell: (s) => s.sink, class: "mono" },
  { title: "Takes", cell: (s) => filtersInWords(s.filters), class: "spare" },
];

export function Screen() {
  const query = useQuery();
  const pages = usePages(listSubscriptions, []);
  const chosen = pages.rows.find((s) => s.id === query.id);
  const changed = (id) => {
    pages.reload();
    if (id !== query.id) setQuery({ id, form: undefined });
  };
  const empty = html`<${Empty} title="No subscriptions yet" paste=${`curl -X POST ${location.origin}${setup.prefix}/subscriptions -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' -d '{"name": "mine", "sink": "https://example.org/hook"}'`}>
    A subscription sends the events you choose to an address of yours, again until they arrive. Make one by the button above, or by a line:<//>`;
  return html`
    <div class="head"><h1>Endpoints</h1>
      ${may("subscriptions:write") && html`<button type="button" onClick=${() => setQuery({ form: "new", id: undefined })}>New subscription</button>`}
    </div>
    ${query.form === "new" && html`<${SubscriptionForm} done=${(made) => (made ? changed(made.id) : setQuery({ form: undefined }))} />`}
    <${Split}
      list=${html`
        <h2 class="group">Subscriptions</h2>
        <${Table} label="Subscriptions" columns=${COLUMNS} pages=${pages} selected=${query.id} empty=${empty}
          open=${(s) => setQuery({ id: s.id, form: undefined })} />
        <${Addresses} />`}
      detail=${query.id && html`<${Subscription} key=${query.id} id=${query.id} subscription=${chosen} pages=${pages} changed=${changed} />`} />`;
}

function Subscription({ id, subscription, pages, changed }) {
  const [tested, setTested] = useState(null);
  const query = useQuery();
  if (!subscription) {
    return html`<${Detail} of=${id} title="Subscription">${pages.loading ? html`<${Loading} />`
      : html`<p>No subscription has the id <code>${id}</code>. It was deleted, or it is a contract of another API.</p>`}<//>`;
  }
  if (query.form === "edit") {
    return html`<${Detail} of=${id} title=${`Change ${subscription.name}`}>
      <${SubscriptionForm} subscription=${subscription} done=${(made) => {
        setQuery({ form: undefined });
        if (made) changed(id);
      }} /><//>`;
  }
  const test = () => attempt(async () => {
    setTested(null);
    setTested(await call("POST", `subscriptions/${id}/test`));
  });
  return html`<${Detail} of=${id} title=${subscription.name || "Subscription"}>
    <p class="actions"><${Switch} of=${subscription} />
      ${may("subscriptions:write") && html`
        <button type="button" class="primary" onClick=${test}>Send a test event</button>
        <button type="button" onClick=${() => toggle(subscription, changed)}>${subscription.active && !subscription.turnedOff ? "Turn off" : "Turn on"}</button>
        <button type="button" onClick=${() => setQuery({ form: "edit" })}>Change</button>
        ${subscription.signed && html`<button type="button" onClick=${() => rotate(subscription)}>New secret</button>`}
        <button type="button" onClick=${() => remove(subscription, changed)}>Delete</button>`}
    </p>
    ${subscription.turnedOff && html`<p class="note">The service turned it off: ${subscription.turnedOff}. Mend the receiver, and turn it on.</p>`}
    ${tested && html`<h3>The test</h3><ol class="timeline" role="list"><${Attempt} attempt=${tested} open=${true} /></ol>`}
    <${Facts} facts=${[
      ["Destination", html`<span class="mono">${subscription.sink}</span>`],
      ["Kind", subscription.destination.kind],
      ["Takes", filtersInWords(subscription.filters)],
      ["Signed", subscription.signed ? "yes, as Standard Webhooks say" : "no"],
      ["Made", html`<${Time} value=${subscription.created} />`],
      ["Deliveries", html`<${Link} to="deliveries" query=${ofSubscription(id)}>all<//>, ${["dead", "held", "pending"].map((state, i) => html`${i > 0 && ", "}<${Link} to="deliveries" query=${{ ...ofSubscription(id), state }}>${state}<//>`)}`],
      ["Id", html`<code>${id}</code>`],
    ]} />
    <${Json} label="Filters" value=${subscription.filters} />
    <${Json} label="Destination" value=${subscription.destination} />
  <//>`;
}

const fieldsOf = ({ name, destination, filters, active, signed }) => ({ name, destination, filters, active, signed });

async function toggle(subscription, changed) {
  const isOn = subscription.active && !subscription.turnedOff;
  const put = async (active) => {
    await call("PUT", `subscriptions/${subscription.id}`, { body: { ...fieldsOf(subscription), active } });
    changed(subscription.id);
  };
  const done = await attempt(() => put(!isOn), `${subscription.name} is ${isOn ? "off" : "on"}.`, { undo: () => put(isOn) });
  // What was held meanwhile stays so until somebody asks for it.
  if (done && !isOn && may("deliveries:write")) await retryAll({ ...ofSubscription(subscription.id), state: "held" }, "");
}

async function rotate(subscription) {
  const agreed = await confirm({
    title: "Make a new secret?",
    text: "It signs from now on, and you see it only once. The old one signs beside it for a day.",
    action: "Make a new secret",
  });
  if (!agreed) return;
  await attempt(async () => {
    const { secret } = await call("POST", `subscriptions/${subscription.id}/secrets`);
    await presentSecret("The new secret", secret);
  });
}

async function remove(subscription, changed) {
  const agreed = await confirm({
    title: `Delete ${subscription.name || "this subscription"}?`,
    text: "Events are no longer delivered for it, and its waiting deliveries are held. It can't be undone.",
    action: "Delete", danger: true,
  });
  if (!agreed) return;
  await attempt(() => call("DELETE", `subscriptions/${subscription.id}`), "It is deleted.");
  changed(undefined);
}

const success = ({ deliveries }) => {
  const counts = Object.fromEntries((deliveries ?? []).map(({ state, count }) => [state, count]));
  const ended = (counts.done ?? 0) + (counts.dead ?? 0) + (counts.held ?? 0);
  return ended ? `${Math.floor((100 * (counts.done ?? 0)) / ended)} % of ${ended.toLocaleString()}` : "";
};

const ADDRESS_COLUMNS = [
  { title: "Endpoint", cell: (e) => html`<${Link} to="deliveries" query=${{ endpoint: e.endpoint, api: e.api }}>${e.endpoint}<//>`, class: "mono" },
  { title: "API", cell: (e) => e.api },
  { title: "State", cell: (e) => html`<${State} value=${e.state} />` },
  { title: "Delivered, 24 h", cell: success, class: "time" },
  { title: "Last success", cell: (e) => html`<${Time} value=${e.last_success} />`, class: "time spare labelled" },
  { title: "Last failure", cell: (e) => e.last_failure && html`<${Time} value=${e.last_failure.time} /> <span class="quiet">${e.last_failure.reason}</span>`, class: "spare labelled" },
];

async function listAddresses(cursor) {
  const page = await call("GET", "endpoints", { query: { cursor, limit: 50 } });
  return { rows: page.endpoints.map((e) => ({ ...e, id: `${e.api} ${e.endpoint}` })), next: page.next };
}

// All that deliveries of any API went to.
function Addresses() {
  const pages = usePages(listAddresses, []);
  useSlowly(["deliveries"], pages.refresh);
  return html`<h2 class="group">Addresses, of all APIs</h2>
    <${Table} label="Addresses" columns=${ADDRESS_COLUMNS} pages=${pages} empty=${html`<p class="quiet">Nothing was delivered yet.</p>`} />`;
}
