import { call } from "./api.js";
import { confirm } from "./dialog.js";
import { html } from "./html.js";
import { Link } from "./router.js";
import { State } from "./states.js";
import { Time } from "./time.js";
import { attempt } from "./toast.js";

export const listDeliveries = async (query, cursor, limit = 50) => {
  const page = await call("GET", "deliveries", { query: { ...query, cursor, limit } });
  return { rows: page.deliveries, next: page.next };
};

// One delivery as a line: where to, how it stands, what is next.
export const DeliveryLine = ({ delivery }) => html`<li>
  <${Link} to="deliveries" query=${{ id: delivery.id }}>${delivery.endpoint}<//>
  <${State} value=${delivery.state} />
  <span class="quiet">${delivery.attempts} ${delivery.attempts === 1 ? "attempt" : "attempts"}${
    delivery.due && html`, next <${Time} value=${delivery.due} />`}</span>
  ${delivery.detail && html`<span class="reason">${delivery.detail}</span>`}
</li>`;

// Retry one delivery; a delivered one only if the person agrees, as it arrives twice.
export async function retryDelivery(delivery) {
  const again = delivery.state === "delivered";
  const agreed = !again || (await confirm({
    title: "Deliver it once more?",
    text: `${delivery.endpoint} has had this event. It gets it a second time, under the same id.`,
    action: "Deliver again",
  }));
  return agreed && attempt(
    () => call("POST", "deliveries/replay", { body: { ids: [delivery.id] } }),
    "The delivery is tried again now.",
  );
}
