"use strict";
const KEY = document.body.dataset.key;
const PREFIX = document.body.dataset.prefix;
const rows = document.querySelector("#requests tbody");
const detail = document.querySelector("#detail");
const state = document.querySelector("#state");
const filter = document.querySelector("#filter");
const MOST = 500;
const known = new Map();

const element = (name, text, className) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

const pretty = (value) => JSON.stringify(value, null, 2);

const outcome = (request) =>
  request.answer ? String(request.answer.status) : request.state;

const isWrong = (request) => request.state !== "waiting" && !(request.answer?.status < 400);

const says = (request) => {
  const notes = [];
  if (request.rule) notes.push(`rule ${request.rule}`);
  if (request.preferred) notes.push(`Prefer: ${request.preferred}`);
  if (request.fault) notes.push(request.fault);
  if (request.outside) notes.push("outside the contract");
  if (request.violations.length) notes.push(`${request.violations.length} violation${request.violations.length === 1 ? "" : "s"}`);
  if (request.unjudged.length) notes.push("not judged");
  return notes.join(", ");
};

const isMeant = (request) =>
  JSON.stringify(request).toLowerCase().includes(filter.value.toLowerCase());

function show(id) {
  const request = known.get(id);
  if (!request) return;
  for (const row of rows.rows) row.setAttribute("aria-selected", String(row.dataset.id === id));
  detail.replaceChildren(element("h2", `${request.method} ${request.target}`));
  const part = (title, text) => {
    if (text === undefined) return;
    const figure = document.createElement("figure");
    const pre = document.createElement("pre");
    pre.tabIndex = 0;
    pre.append(element("code", text));
    figure.append(element("figcaption", title), pre);
    detail.append(figure);
  };
  if (request.violations.length) {
    part("Violations", request.violations
      .map((v) => `${v.where} ${v.name}: ${v.message}${v.code ? ` (${v.code})` : ""}`)
      .join("\n"));
  }
  if (request.unjudged.length) part("Not judged", request.unjudged.join("\n"));
  part("Headers sent", pretty(request.headers));
  part("Body sent", request.body === undefined ? request.text : pretty(request.body));
  if (!request.answer) return;
  part(`Answer ${request.answer.status}, after ${request.ms} ms`, pretty(request.answer.headers));
  const { body, text } = request.answer;
  part("Body answered", body === undefined ? text : pretty(body));
}

function rowOf(request) {
  const isKnown = known.has(request.id);
  known.set(request.id, request);
  if (isKnown) return [...rows.rows].find((row) => row.dataset.id === request.id);
  const row = rows.insertRow(0);
  row.dataset.id = request.id;
  return row;
}

function add(request) {
  const row = rowOf(request);
  row.hidden = !isMeant(request);
  row.replaceChildren(
    element("td", request.time.slice(11, 23)),
    element("td", request.operation || "none", request.operation ? "" : "wrong"),
    element("td", `${request.method} ${request.target}`, "target"),
    element("td", outcome(request), isWrong(request) ? "wrong" : ""),
    element("td", says(request), request.violations.length ? "wrong" : "quiet"),
  );
  const open = element("button", "Show");
  open.setAttribute("aria-label", `Show request ${request.id}`);
  open.addEventListener("click", () => show(request.id));
  row.insertCell().append(open);
  if (row.getAttribute("aria-selected") === "true") show(request.id);
  while (rows.rows.length > MOST) {
    known.delete(rows.rows[MOST].dataset.id);
    rows.deleteRow(MOST);
  }
}

function clear() {
  known.clear();
  rows.replaceChildren();
  detail.replaceChildren(element("p", "Choose a request.", "quiet"));
}

function take(event) {
  if (/^event: clear$/m.test(event)) clear();
  const data = /^data: (.*)$/m.exec(event);
  if (/^event: request$/m.test(event) && data) add(JSON.parse(data[1]));
}

const call = (path, options = {}) =>
  fetch(`${PREFIX}/mock/${path}`, { ...options, headers: { Authorization: `Bearer ${KEY}` } });

async function watch() {
  const answer = await call("requests/stream?after=0");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  clear();
  state.textContent = "live";
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    events.forEach(take);
  }
}

async function keepWatching() {
  for (;;) {
    try {
      await watch();
    } catch {
      // It is tried again below.
    }
    state.textContent = "the mock is gone";
    await new Promise((again) => setTimeout(again, 1000));
  }
}

filter.addEventListener("input", () => {
  for (const row of rows.rows) row.hidden = !isMeant(known.get(row.dataset.id));
});
document.querySelector("#forget").addEventListener("click", () => call("requests", { method: "DELETE" }));
document.querySelector("#reset").addEventListener("click", () => call("reset", { method: "POST" }));
keepWatching();
