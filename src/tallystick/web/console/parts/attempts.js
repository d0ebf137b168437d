import { Code, pretty } from "./code.js";
import { html } from "./html.js";
import { absolute, clock, duration } from "./time.js";

const OUTCOMES = {
  delivered: "arrived",
  redirected: "was redirected elsewhere",
  rejected: "was refused",
  gone: "the receiver says it is gone for good",
  throttled: "the receiver asks to slow down",
  server_error: "the receiver failed",
  timeout: "no answer in time",
  dns_error: "the name has no address",
  tls_error: "TLS failed",
  unreachable: "no connection",
  broken: "the connection broke",
  forbidden: "this server may not call that address",
  local: "this server could not try",
  undeliverable: "can't be delivered",
  held: "held back",
  lost: "the outcome was lost",
};

const ms = (from, to) => new Date(to) - new Date(from);

// What was tried, the first attempt first, each with its request and answer; the last one is open.
export const Attempts = ({ attempts }) => html`<ol class="timeline">${attempts.map(
  (attempt, i) => html`<${Attempt} key=${attempt.number} attempt=${attempt} before=${attempts[i - 1]} open=${i === attempts.length - 1} />`,
)}</ol>`;

export function Attempt({ attempt, before, open }) {
  const { request, response, error } = attempt.record;
  return html`<li class=${attempt.outcome === "delivered" ? "good" : "bad"}>
    ${before && html`<p class="gap quiet">${duration(ms(before.ended, attempt.started))} later</p>`}
    <details open=${open}>
      <summary><strong>${attempt.status ?? "—"}</strong> ${OUTCOMES[attempt.outcome] ?? attempt.outcome}
        <span class="quiet"> · <time dateTime=${attempt.started} title=${absolute(attempt.started)}>${clock(attempt.started)}</time> · took ${duration(ms(attempt.started, attempt.ended))}</span>
      </summary>
      ${error && html`<p class="bad">${error}</p>`}
      ${request && html`<${Message} label="Request" first=${`${request.method} ${request.url}`} message=${request} />`}
      ${response && html`<${Message} label=${`Answer ${response.status}`} first=${`HTTP ${response.status}`} message=${response} />`}
    </details>
  </li>`;
}

function Message({ label, first, message }) {
  const headers = message.headers.map(([name, value]) => `${name}: ${value}`);
  const cut = message.truncated ? "\n… the rest was not kept" : "";
  return html`<${Code} label=${label} text=${[first, ...headers, "", indented(message.body) + cut].join("\n").trimEnd()} />`;
}

function indented(text) {
  try {
    return pretty(JSON.parse(text));
  } catch {
    return text;
  }
}
