import { setup } from "./setup.js";

// An answer that is an error, in words a person can act on.
export class ApiError extends Error {
  constructor(status, words, problem = {}) {
    super(words);
    this.status = status;
    this.problem = problem;
  }
}

let whenSignedOut = () => {};

export const onSignedOut = (act) => {
  whenSignedOut = act;
};

export function queryOf(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values ?? {})) {
    if (value !== undefined && value !== null && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text && `?${text}`;
}

// Send a request to the gateway's API; return the answer's JSON, or null without any.
// `path` stands below the prefix: "events", "deliveries/replay".
export async function call(method, path, { query, body, signal, quiet } = {}) {
  const answer = await send(`${setup.prefix}/${path}${queryOf(query)}`, { method, body, signal });
  if (!answer.ok) throw await refusalOf(answer, quiet);
  return answer.status === 204 ? null : answer.json();
}

// Why the server can't take events now; null if it can.
export async function readTrouble() {
  const answer = await send("/readyz", { method: "GET" });
  if (answer.ok) return null;
  const { detail } = await answer.json().catch(() => ({}));
  return detail ?? `it answered ${answer.status}`;
}

// Open a stream of server-sent events, and call `opened()`, then `take(name, data)` for each.
export async function stream(path, take, signal, opened) {
  const answer = await send(`${setup.prefix}/${path}`, { method: "GET", signal });
  if (!answer.ok) throw await refusalOf(answer);
  opened();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event);
      if (data) take(/^event: ?(.*)$/m.exec(event)?.[1] ?? "message", JSON.parse(data[1]));
    }
  }
}

async function send(url, { method, body, signal }) {
  // No other site can send this header: it tells that the call is the console's own.
  const headers = { "X-Requested-With": "tallystick" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(url, {
      method, headers, signal, cache: "no-store", credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The server does not answer. Look whether it still runs, then try again.");
  }
}

async function refusalOf(answer, quiet) {
  if (answer.status === 401 && !quiet) whenSignedOut();
  const problem = await answer.json().catch(() => ({}));
  return new ApiError(answer.status, wordsOf(answer, problem), problem);
}

function wordsOf(answer, problem) {
  const wrong = (problem.violations ?? []).map((v) => `${v.name} ${v.message}`).join("; ");
  const said = wrong || problem.detail || problem.title || `The server answered ${answer.status}.`;
  if (answer.status === 401) return "The key is not valid, or the session has ended. Sign in again.";
  if (answer.status === 403) return `Your key may not do this. ${said}`;
  const wait = answer.headers.get("Retry-After");
  return wait ? `${said} Try again in ${wait} s.` : said;
}
