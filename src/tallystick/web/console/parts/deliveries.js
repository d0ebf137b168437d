import { call } from "./api.js";
import { confirm } from "./dialog.js";
import { html } from "./html.js";
import { readSome } from "./pages.js";
import { Link } from "./router.js";
import { may } from "./session.js";
import { State } from "./states.js";
import { readSubscriptions } from "./subscriptions.js";
import { Time } from "./time.js";
import { attempt } from "./toast.js";

// As the API names them, with how they are shown.
export const STATES = {
  waiting: { words: "waiting", kind: "quiet" },
  pending: { words: "pending", kind: "busy" },
  leased: { words: "under way", kind: "busy" },
  done: { words: "delivered", kind: "good" },
  dead: { words: "dead", kind: "bad" },
  held: { words: "held", kind: "warn" },
  cancelled: { words: "cancelled", kind: "quiet" },
};
const RETRYABLE = new Set(["pending", "done", "dead", "held", "cancelled"]);

export const isRetryable = (state) => RETRYABLE.has(state) && may("deliveries:write");

export const DeliveryState = ({ state }) => html`<${State} value=${STATES[state].words} kind=${STATES[state].kind} />`;

export const listDeliveries = (query, cursor, limit = 50) => readSome(async (from) => {
  const page = await call("GET", "deliveries", { query: { ...query, cursor: from, limit } });
  return { rows: page.deliveries, next: page.next, short: page.deliveries.length < limit };
}, cursor);

// When the event of a delivery was accepted: a UUIDv7 begins with it.
export const acceptedAt = (event) => new Date(parseInt(event.slice(0, 8) + event.slice(9, 13), 16)).toISOString();

export const attemptsOf = (count) => (count === 1 ? "1 attempt" : `${count} attempts`);

// One delivery as a line: where to, how it stands, what is next.
export const DeliveryLine = ({ delivery, retried }) => html`<li>
  <${Link} to="deliveries" query=${{ id: delivery.id }}>${delivery.endpoint}<//>
  <${DeliveryState} state=${delivery.state} />
  <span class="quiet">${attemptsOf(delivery.attempts)}${delivery.due && html`, next <${Time} value=${delivery.due} />`}</span>
  ${isRetryable(delivery.state) && html`<button type="button" class="small" onClick=${() => retryDelivery(delivery).then(retried)}>Retry</button>`}
  ${delivery.detail && html`<span class="reason">${delivery.detail}</span>`}
</li>`;

// What is held for a subscription that is off would be held again: a sentence that says so, or "".
async function heldAgain(states, target) {
  if (!states.includes("held")) return "";
  const subscriptions = await readSubscriptions({ quiet: true }).catch(() => []);
  const off = subscriptions.filter((s) => s.turnedOff && (!target || s.id === target)).map((s) => s.name || s.id);
  return off.length ? ` Turn ${off.join(", ")} on first, or what is held for it is held again.` : "";
}

// Retry one delivery; the person is asked first if it arrives twice, or is held again.
export async function retryDelivery(delivery) {
  const held = await heldAgain([delivery.state], delivery.target);
  const agreed = delivery.state === "done"
    ? await confirm({
      title: "Deliver it once more?",
      text: `${delivery.endpoint} has had this event. It gets it a second time, under the same id.`,
      action: "Deliver again",
    })
    : !held || (await confirm({ title: "Retry this delivery?", text: held.trim(), action: "Retry" }));
  return agreed && attempt(
    () => call("POST", "deliveries/replay", { body: { ids: [delivery.id] } }),
    "It is tried again now.",
  );
}

const deliveries = (count) => (count === 1 ? "1 delivery" : `${count.toLocaleString()} deliveries`);

// Retry all that match a filter of the list; the person first sees how many these are. `none` is
// told if there are none.
export async function retryAll({ state, ...filter }, none = "Nothing that matches is dead or held.") {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
  const body = { ...given, states: state ? [state] : ["dead", "held"] };
  let count;
  const counted = await attempt(async () => {
    ({ replayed: count } = await call("POST", "deliveries/replay", { body: { ...body, dry_run: true } }));
  });
  if (!counted) return false;
  if (count === 0) return attempt(async () => {}, none);
  const which = body.states.map((name) => STATES[name].words).join(" or ");
  const agreed = await confirm({
    title: `Retry ${deliveries(count)}?`,
    text: `All that match the filters and are ${which} are tried again now, under the same ids.${await heldAgain(body.states, filter.target)}`,
    action: "Retry",
  });
  return agreed && attempt(
    () => call("POST", "deliveries/replay", { body }),
    ({ replayed }) => `${deliveries(replayed)} tried again now.`,
  );
}
