import { Code } from "./code.js";
import { html } from "./html.js";

// Nothing to show: say why, and what to do next. `paste` is a line for a shell.
export const Empty = ({ title, children, paste }) => html`
  <div class="empty">
    <h2>${title}</h2>
    ${children && html`<p>${children}</p>`}
    ${paste && html`<${Code} text=${paste} label="Paste this" />`}
  </div>`;

// An error, and a way to try again.
export const Failure = ({ error, again }) => html`
  <div class="failure" role="alert">
    <p>${error.message}</p>
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;

export const Loading = () => html`<p class="loading quiet" role="status">Loading …</p>`;

const KINDS = {
  delivered: "good", active: "good", on: "good", ok: "good", success: "good",
  pending: "busy", running: "busy", resting: "warn", held: "warn", off: "quiet", late: "warn",
  dead: "bad", failed: "bad", error: "bad",
};

// A state as a word with a dot; the word says it, the colour helps.
export const State = ({ value, kind }) =>
  html`<span class=${`state ${kind ?? KINDS[value] ?? "quiet"}`}>${value}</span>`;
