import { ApiError, queryOf } from "./api.js";
import { html, useState } from "./html.js";
import { setup } from "./setup.js";
import { signal, useSignal } from "./signal.js";

// The other APIs have credentials of their own. What a person types in stays in this page's memory.
const held = new Map();
const heldOf = (api) => {
  if (!held.has(api)) held.set(api, signal(setup.dev?.[api] ?? null));
  return held.get(api);
};

const wordsOf = (body, status) =>
  body.error?.constraintViolations?.map((v) => `${v.path ?? ""} ${v.message}`.trim()).join("; ") ||
  body.error?.message || body.error_msg || body.message || body.detail || `The server answered ${status}.`;

// An API to call: `headers(credential)` gives the headers of a call; `signIn(credential)` may
// exchange what was typed in for another credential first.
export function otherApi({ api, title, fields, headers, signIn = async (credential) => credential }) {
  const credential = heldOf(api);
  let ready = null;

  async function call(method, path, { query, body } = {}) {
    ready ??= signIn(credential.value);
    try {
      return await request(method, path, { query, body, headers: headers(await ready) });
    } catch (error) {
      if (error.status === 401) forget();
      throw error;
    }
  }

  function forget() {
    ready = null;
    credential.set(null);
  }

  // Its content once there is a credential, and a form for one before.
  function Access({ children }) {
    const [wrong, setWrong] = useState("");
    if (useSignal(credential)) return children;
    const send = (e) => {
      e.preventDefault();
      ready = null;
      const typed = Object.fromEntries(new FormData(e.target));
      signIn(typed).then(
        () => credential.set(typed),
        (error) => setWrong(error.message),
      );
    };
    return html`<form class="fields access" onSubmit=${send}>
      <p>This screen calls ${title} itself, with a credential of ${title}. It stays in this page, and is gone with it.</p>
      ${fields.map((field) => html`<label>${field.label}
        <input name=${field.name} type=${field.secret ? "password" : "text"} required autocomplete="off" spellcheck="false" /></label>`)}
      <p class="wrong" role="alert">${wrong}</p>
      <button class="primary">Go on</button>
    </form>`;
  }

  return { call, Access };
}

// Send a request to an address of this server, and return the JSON of the answer.
export async function request(method, path, { query, body, headers }) {
  const answer = await fetch(path + queryOf(query), {
    method, cache: "no-store", credentials: "omit",
    headers: { Accept: "application/json", ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw new ApiError(0, "The server does not answer. Look whether it still runs, then try again.");
  });
  const text = await answer.text();
  const read = text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : {};
  if (!answer.ok) throw new ApiError(answer.status, wordsOf(read, answer.status), read);
  return read;
}
