import { ApiError, queryOf } from "./api.js";
import { html, useState } from "./html.js";
import { setup } from "./setup.js";
import { session } from "./session.js";
import { signal, useSignal } from "./signal.js";

const wordsOf = (body, status) =>
  body.error?.constraintViolations?.map((v) => `${v.path ?? ""} ${v.message}`.trim()).join("; ") ||
  body.error?.message || body.error_msg || body.message || body.detail || `The server answered ${status}.`;

// An API to call, which has credentials of its own: what a person types in stays in this page's
// memory until they sign out. `headers(credential)` gives the headers of a call; `signIn(credential)`
// may exchange what was typed in for another credential first.
export function otherApi({ api, title, fields, headers, signIn = async (credential) => credential }) {
  const known = setup.dev?.[api] ?? null;
  const credential = signal(known);
  let ready = null;

  session.follow((who) => who === null && hold(known));

  async function call(method, path, { query, body } = {}) {
    try {
      return await request(method, path, { query, body, headers: headers(await enter(credential.value)) });
    } catch (error) {
      if (error.status === 401) hold(null);
      throw error;
    }
  }

  // One sign-in serves all calls; one that failed is tried again by the next call.
  function enter(typed) {
    ready ??= signIn(typed).catch((error) => {
      ready = null;
      throw error;
    });
    return ready;
  }

  function hold(typed) {
    ready = null;
    credential.set(typed);
  }

  // Its content once there is a credential, and a form for one before.
  function Access({ children }) {
    const [wrong, setWrong] = useState("");
    if (useSignal(credential)) return children;
    const send = (e) => {
      e.preventDefault();
      const typed = Object.fromEntries(new FormData(e.target));
      enter(typed).then(
        () => credential.set(typed),
        (error) => setWrong(error.message),
      );
    };
    return html`<form class="fields access" onSubmit=${send}>
      <p>This screen calls ${title} itself, with a credential of ${title}. It stays in this page, and is gone with it.</p>
      ${fields.map((field) => html`<label>${field.label}
        <input name=${field.name} type=${field.secret ? "password" : "text"} required autocomplete="off" spellcheck=${false} /></label>`)}
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
