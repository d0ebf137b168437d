import { call } from "../parts/api.js";
import { confirm, presentSecret } from "../parts/dialog.js";
import { html, useState } from "../parts/html.js";
import { usePages } from "../parts/pages.js";
import { Link, setQuery, useQuery } from "../parts/router.js";
import { may } from "../parts/session.js";
import { setup } from "../parts/setup.js";
import { Empty, State } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { attempt } from "../parts/toast.js";

export const path = "keys";
export const title = "Keys";

const QUOTAS = {
  requests_per_minute: "Requests a minute",
  events_per_minute: "Events a minute",
  bytes_per_minute: "Bytes a minute",
  deliveries_per_day: "Deliveries a day",
};

const TABS = { keys: "Keys", audit: "Audit log" };

export function Screen() {
  const tab = useQuery().show === "audit" ? "audit" : "keys";
  return html`
    <div class="head"><h1>${TABS[tab]}</h1><p role="group" aria-label="What to show">${Object.entries(TABS).map(([name, words]) => html`
      <button type="button" aria-pressed=${String(name === tab)} onClick=${() => setQuery({ show: name === "keys" ? undefined : name })}>${words}</button> `)}</p></div>
    ${tab === "keys" ? html`<${Keys} />` : html`<${Audit} />`}`;
}

async function listKeys(expiring, cursor) {
  const page = await call("GET", "keys", { query: { expiring, cursor, limit: 100 } });
  return { rows: page.keys, next: page.next };
}

function Keys() {
  const { expiring } = useQuery();
  const pages = usePages((cursor) => listKeys(expiring, cursor), [expiring]);
  const columns = [
    { title: "Name", cell: (key) => key.name, class: "strong" },
    { title: "API", cell: (key) => key.api, class: "time" },
    { title: "State", cell: (key) => html`<${KeyState} of=${key} />` },
    { title: "Scopes", cell: (key) => key.scopes.join(" "), class: "mono" },
    { title: "Limits", cell: (key) => html`<${Limits} of=${key} />`, class: "quiet" },
    { title: "Last use", cell: (key) => html`<${Time} value=${key.last_used} />`, class: "time labelled" },
    { title: "Made", cell: (key) => html`<${Time} value=${key.created} />`, class: "time labelled" },
    ...(may("keys:write") ? [{ title: "Change", cell: (key) => !key.revoked && html`<${Change} of=${key} did=${pages.refresh} />` }] : []),
  ];
  const empty = expiring ? html`<${Empty} title="No key expires soon" />` : html`<${Empty} title="No keys yet" paste="tallystick keys create gateway --name me --scope '*'">A key is what a program or a person shows to an API. Make one:<//>`;
  return html`${may("keys:write") && html`<${NewKey} did=${pages.refresh} />`}
    ${expiring && html`<p class="note">These keys expire soon. <${Link} to="keys">Show all keys<//></p>`}
    <${Table} label="Keys" columns=${columns} pages=${pages} empty=${empty} />`;
}

function KeyState({ of }) {
  if (of.revoked) return html`<${State} value="revoked" kind="quiet" />`;
  if (!of.expires) return html`<${State} value="valid" kind="good" />`;
  const isOver = new Date(of.expires) < new Date();
  return html`<${State} value=${isOver ? "expired" : "valid until"} kind=${isOver ? "quiet" : "good"} /> <${Time} value=${of.expires} />`;
}

function Limits({ of }) {
  const bounds = [...of.sources, ...of.types];
  const quotas = Object.entries(of.quotas).map(([name, most]) => `${QUOTAS[name]}: ${of.used[name]} of ${most}`);
  return [...bounds, ...quotas].map((words) => html`<div>${words}</div>`);
}

async function making(request, did) {
  await attempt(async () => {
    const key = await request();
    did();
    await presentSecret(`The secret of ${key.name}`, key.secret);
  });
}

function Change({ of, did }) {
  const rotate = async () => {
    const agreed = await confirm({
      title: `Give ${of.name} a new secret?`,
      text: "The one it has now is valid for another hour, so that its user can change over.",
      action: "Make a new secret",
    });
    if (agreed) making(() => call("POST", `keys/${of.id}/rotate`, { body: { overlap_seconds: 3600 } }), did);
  };
  const revoke = async () => {
    const agreed = await confirm({
      title: `Revoke ${of.name}?`,
      text: "Its user is refused within a second. This can't be undone.",
      action: "Revoke", danger: true,
    });
    if (agreed && (await attempt(() => call("DELETE", `keys/${of.id}`), "The key is revoked."))) did();
  };
  return html`<button type="button" class="small" onClick=${rotate} aria-label=${`New secret for ${of.name}`}>New secret</button>
    <button type="button" class="small" onClick=${revoke} aria-label=${`Revoke ${of.name}`}>Revoke</button>`;
}

function NewKey({ did }) {
  const [api, setApi] = useState("gateway");
  const send = (e) => {
    e.preventDefault();
    const typed = new FormData(e.target);
    const words = (name) => typed.get(name).trim().split(/[\s,]+/).filter(Boolean);
    const quotas = Object.fromEntries(Object.keys(QUOTAS).filter((name) => typed.get(name)).map((name) => [name, Number(typed.get(name))]));
    const limits = { sources: words("sources"), types: words("types"), quotas };
    making(() => call("POST", "keys", { body: { api, name: typed.get("name").trim(), scopes: words("scopes"), ...limits } }), did);
  };
  return html`<form class="filters" onSubmit=${send}>
    <label>API<select value=${api} onChange=${(e) => setApi(e.target.value)}>${setup.apis.map((each) => html`<option value=${each} selected=${each === api}>${each}</option>`)}</select></label>
    <label>Name<input name="name" required maxlength="100" placeholder="shop" autocomplete="off" /></label>
    <label class="wide">Scopes<input name="scopes" placeholder="* for all" autocomplete="off" spellcheck=${false} /></label>
    <button>Make a key</button>
    <details><summary>Limits</summary><div>
      <label class="wide">Sources<input name="sources" placeholder="any" autocomplete="off" spellcheck=${false} /></label>
      <label class="wide">Types<input name="types" placeholder="any" autocomplete="off" spellcheck=${false} /></label>
      ${Object.entries(QUOTAS).map(([name, title]) => html`<label>${title}<input name=${name} type="number" min="1" placeholder="any" /></label>`)}
    </div></details>
  </form>`;
}

async function listAudit(cursor) {
  const page = await call("GET", "audit", { query: { cursor, limit: 100 } });
  return { rows: page.entries, next: page.next };
}

const AUDIT_COLUMNS = [
  { title: "What", cell: (entry) => entry.operation, class: "strong" },
  { title: "On", cell: (entry) => entry.target ?? "", class: "mono" },
  { title: "Who", cell: (entry) => entry.key_name ?? "" },
  { title: "From", cell: (entry) => entry.address ?? "", class: "mono" },
  { title: "Time", cell: (entry) => html`<${Time} value=${entry.time} />`, class: "time" },
];

function Audit() {
  const pages = usePages(listAudit, []);
  const empty = html`<${Empty} title="Nothing was changed yet">Each change by the API, this console or the command line is written down here.<//>`;
  return html`<${Table} label="Changes" columns=${AUDIT_COLUMNS} pages=${pages} empty=${empty} />`;
}
