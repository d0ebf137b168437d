import { call } from "./api.js";
import { pretty } from "./code.js";
import { presentSecret } from "./dialog.js";
import { html, useState } from "./html.js";

// Make a subscription, or change one; `done` gets it, or nothing if the person gave up.
export function SubscriptionForm({ subscription, done }) {
  const [wrong, setWrong] = useState("");
  const url = subscription?.destination.url;
  const send = async (e) => {
    e.preventDefault();
    const values = Object.fromEntries(new FormData(e.target));
    try {
      const body = bodyOf(values, subscription);
      const made = subscription
        ? await call("PUT", `subscriptions/${subscription.id}`, { body })
        : await call("POST", "subscriptions", { body });
      done(made);
      if (made.secret) await presentSecret("The new secret", made.secret);
    } catch (error) {
      setWrong(error.message);
    }
  };
  return html`<form class="fields" onSubmit=${send}>
    <label>Name<input name="name" defaultValue=${subscription?.name} autocomplete="off" /></label>
    ${(!subscription || url) && html`<label>Address (URL)<input name="url" required defaultValue=${url} placeholder="https://example.org/hook" autocomplete="off" spellcheck=${false} /></label>`}
    <label>Filters, as JSON; empty for every event<textarea name="filters" rows="4" spellcheck=${false} placeholder='[{"exact": {"type": "START_EC2"}}]' defaultValue=${subscription?.filters.length ? pretty(subscription.filters) : ""}></textarea></label>
    <p class="wrong" role="alert">${wrong}</p>
    <p class="actions"><button class="primary">${subscription ? "Save" : "Make it"}</button>
      <button type="button" onClick=${() => done(undefined)}>Cancel</button></p>
  </form>`;
}

function bodyOf({ name, url, filters }, subscription) {
  const read = { name, filters: filtersOf(filters) };
  if (!subscription) return { ...read, sink: url };
  const { destination, active, signed } = subscription;
  return { ...read, active, signed, destination: url ? { ...destination, url } : destination };
}

function filtersOf(text) {
  if (!text.trim()) return [];
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The filters are no JSON: ${error.message}`);
  }
}
