import { call, readTrouble } from "../parts/api.js";
import { Bars } from "../parts/bars.js";
import { Code } from "../parts/code.js";
import { DeliveryState, STATES } from "../parts/deliveries.js";
import { html } from "../parts/html.js";
import { useSlowly } from "../parts/live.js";
import { useLoaded } from "../parts/pages.js";
import { Link } from "../parts/router.js";
import { setup } from "../parts/setup.js";
import { Empty, Failure, Loading } from "../parts/states.js";
import { readSubscriptions } from "../parts/subscriptions.js";
import { Time } from "../parts/time.js";

export const path = "overview";
export const title = "Overview";

const MINUTES = 60;
const LATE_MS = 300_000; // a delivery that waits longer is told
const CRON_WORDS = { missed: "a run was missed", failed: "the last run failed", overrun: "a run takes too long", late: "a run is late" };
const BAD_CRONS = Object.keys(CRON_WORDS);

// What the key may not read, or the server does not have, is left out.
const orNull = (answer) => answer.catch((error) => {
  if ([403, 404].includes(error.status)) return null;
  throw error;
});
const get = (path, query) => orNull(call("GET", path, { query }));

async function readOverview() {
  const [trouble, deliveries, subscriptions, crons, keys] = await Promise.all([
    readTrouble(),
    get("deliveries/counts"),
    orNull(readSubscriptions()),
    readBadCrons(),
    get("keys", { expiring: true, limit: 20 }),
  ]);
  return { trouble, deliveries, subscriptions, crons, keys };
}

async function readBadCrons() {
  if (!setup.apis.includes("charon")) return [];
  const pages = await Promise.all(BAD_CRONS.map((state) => get("crons", { state, limit: 20 })));
  return pages.includes(null) ? null : BAD_CRONS.map((state, i) => ({ state, ...pages[i] }));
}

// What the key may not read, and is not judged therefore.
const unreadOf = ({ deliveries, subscriptions, crons, keys }) =>
  Object.entries({ deliveries, subscriptions, crons, keys }).filter(([, value]) => value === null).map(([name]) => name);

async function readTraffic() {
  const from = new Date(Math.floor(Date.now() / 60_000 - MINUTES + 1) * 60_000).toISOString();
  const found = await get("events/counts", { by: "api", from });
  if (!found) return null;
  const apis = await Promise.all(found.counts.map(async ({ value: api, count }) => {
    const minutes = await get("events/counts", { by: "minute", api, from });
    return { api, count, complete: found.complete, minutes: series(minutes.counts, from) };
  }));
  return { apis, from };
}

function series(counts, from) {
  const start = new Date(from).getTime();
  const values = Array.from({ length: MINUTES }, (_, i) => ({ time: start + i * 60_000, count: 0 }));
  for (const { value, count } of counts) {
    const at = values[Math.round((new Date(value) - start) / 60_000)];
    if (at) at.count = count;
  }
  return values;
}

export function Screen() {
  const state = useLoaded(readOverview, []);
  const traffic = useLoaded(readTraffic, []);
  useSlowly(["events", "deliveries", "crons"], () => {
    state.reload();
    traffic.reload();
  });
  return html`<div class="head"><h1>Overview</h1></div>
    <${Shown} loaded=${state} show=${(value) => html`<${Verdict} problems=${problemsOf(value)} unread=${unreadOf(value)} /><${Told} subscriptions=${value.subscriptions} />`} />
    <${Shown} loaded=${traffic} show=${(value) => html`<${Traffic} traffic=${value} />`} />
    ${state.value && html`<${Deliveries} deliveries=${state.value.deliveries} />`}`;
}

function Shown({ loaded, show }) {
  if (loaded.error) return html`<${Failure} error=${loaded.error} again=${loaded.reload} />`;
  return loaded.value === undefined ? html`<${Loading} />` : show(loaded.value);
}

const LIST = new Intl.ListFormat("en", { type: "disjunction" });
const many = (count, one, more) => (count === 1 ? `1 ${one}` : `${count.toLocaleString()} ${more}`);

function problemsOf({ trouble, deliveries, subscriptions, crons, keys }) {
  const problems = [];
  if (trouble) problems.push({ words: `The service can't take events: ${trouble}` });
  const counts = Object.fromEntries((deliveries?.counts ?? []).map(({ state, count }) => [state, count]));
  if (counts.dead) problems.push({ words: `${many(counts.dead, "delivery is", "deliveries are")} dead`, to: "deliveries", query: { state: "dead" } });
  if (counts.held) problems.push({ words: `${many(counts.held, "delivery is", "deliveries are")} held`, to: "deliveries", query: { state: "held" } });
  const oldest = deliveries?.oldest_pending;
  if (oldest && Date.now() - new Date(oldest) > LATE_MS) {
    problems.push({ words: html`the oldest event that waits to be delivered came <${Time} value=${oldest} />`, to: "deliveries", query: { state: "pending" } });
  }
  for (const s of subscriptions ?? []) {
    if (s.turnedOff) problems.push({ words: `the subscription ${s.name} is turned off: ${s.turnedOff}`, to: "endpoints", query: { id: s.id } });
  }
  for (const { state, crons: bad, next } of crons ?? []) {
    for (const cron of bad) problems.push({ words: `cron ${cron.slug}: ${CRON_WORDS[state]}`, to: "crons", query: { id: cron.slug } });
    if (next) problems.push({ words: `more crons: ${CRON_WORDS[state]}`, to: "crons", query: { state } });
  }
  for (const key of keys?.keys ?? []) problems.push({ words: html`the key ${key.name || key.id} of ${key.api} expires <${Time} value=${key.expires} />`, to: "keys", query: { expiring: true } });
  if (keys?.next) problems.push({ words: "more keys expire soon", to: "keys", query: { expiring: true } });
  return problems;
}

const Verdict = ({ problems, unread }) => problems.length === 0
  ? unread.length === 0
    ? html`<p class="verdict good">All is well: every delivery has arrived or is on its way, every cron is on time, and no key expires soon.</p>`
    : html`<p class="verdict">Your key may not read ${LIST.format(unread)}: whether all is well is not known.</p>`
  : html`<section class="verdict bad" aria-label="What is not well">
      <p>${many(problems.length, "thing is", "things are")} not well:</p>
      <ul>${problems.map(({ words, to, query }) => html`<li>${to ? html`<${Link} to=${to} query=${query}>${words}<//>` : words}</li>`)}</ul>
    </section>`;

const ALARMS = "tallystick."; // what the service's own alarms begin with
const CRON_ALARMS = ["missed", "failed", "overrun", "recovered"];
const tellsOfTrouble = ({ active, filters }) => active && (!filters.length || JSON.stringify(filters).includes(ALARMS));
const toldBody = () => JSON.stringify({
  name: "alarms", destination: { kind: "notify", url: "ntfy://ntfy.sh/CHOOSE-A-LONG-NAME" },
  filters: [{ any: [{ prefix: { type: ALARMS } }, ...CRON_ALARMS.map((kind) => ({ exact: { type: `charon.cron.${kind}` } }))] }],
});

// A fresh install tells nobody, and trouble would go unread.
function Told({ subscriptions }) {
  if (!subscriptions || subscriptions.some(tellsOfTrouble)) return null;
  const url = `${location.origin}${setup.prefix}/subscriptions`;
  return html`<section class="told" aria-label="Who is told"><p class="note">Nobody is told when something goes wrong. Have a message sent to your phone, to a chat or by mail:</p>
    <${Code} label="Tell somebody" text=${`curl -H 'Authorization: Bearer YOUR-KEY' -H 'Content-Type: application/json' -d '${toldBody()}' ${url}`} /></section>`;
}

function Traffic({ traffic }) {
  if (!traffic) return null;
  if (!traffic.apis.length) {
    return html`<h2 class="group">Events, last hour</h2>
      <${Empty} title="No events in the last hour" paste=${`curl ${location.origin}/healthz`}>Nothing was accepted. Look whether the senders reach this server:<//>`;
  }
  const most = Math.max(...traffic.apis.flatMap(({ minutes }) => minutes.map(({ count }) => count)));
  return html`<h2 class="group">Events a minute, last hour</h2>
    <div class="scroll"><table class="plain"><thead><tr><th scope="col">API</th><th scope="col">Each minute</th><th scope="col" class="number">Last minute</th><th scope="col" class="number">Hour</th></tr></thead>
      <tbody>${traffic.apis.map(({ api, count, complete, minutes }) => html`<tr key=${api}>
        <td class="name"><${Link} to="events" query=${{ api, span: "1h" }}>${api}<//></td>
        <td class="fill"><${Bars} values=${minutes} most=${most} label=${`Events of ${api} each minute`} /></td>
        <td class="number">${minutes.at(-2).count.toLocaleString()}</td>
        <td class="number">${complete ? "" : "more than "}${count.toLocaleString()}</td>
      </tr>`)}</tbody></table></div>`;
}

function Deliveries({ deliveries }) {
  if (!deliveries) return null;
  const counts = Object.fromEntries(deliveries.counts.map(({ state, count }) => [state, count]));
  return html`<h2 class="group">Deliveries</h2>
    <ul class="tiles">${Object.keys(STATES).filter((state) => counts[state]).map((state) => html`<li key=${state}>
      <${Link} to="deliveries" query=${{ state }}><span class="figure">${counts[state].toLocaleString()}</span><${DeliveryState} state=${state} /><//>
    </li>`)}</ul>
    ${deliveries.counts.length === 0 && html`<p class="quiet">Nothing was delivered yet. <${Link} to="endpoints">Make a subscription<//> to have events sent somewhere.</p>`}
    ${!deliveries.complete && html`<p class="quiet">There are more than are counted here: the newest 100,000.</p>`}`;
}
