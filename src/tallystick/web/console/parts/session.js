import { call, onSignedOut } from "./api.js";
import { setup } from "./setup.js";
import { signal } from "./signal.js";
import { attempt } from "./toast.js";

// Who is signed in: undefined while asked, null for nobody, {name, scopes, expires} else.
export const session = signal(undefined);

onSignedOut(() => session.set(null));

export async function findSession() {
  const found = await call("GET", "session", { quiet: true }).catch(nobody);
  if (found) return session.set(found);
  if (!setup.dev) return session.set(null);
  return signIn(setup.dev.gateway.key).catch((error) => session.set(nobody(error)));
}

// A server in trouble says nothing about who is signed in.
function nobody(error) {
  if (error.status === 401) return null;
  throw error;
}

export async function signIn(key) {
  session.set(await call("POST", "session", { body: { key }, quiet: true }));
}

export async function signOut() {
  if (await attempt(() => call("DELETE", "session"))) session.set(null);
}

// Whether the key of the session has a scope; what it may not do is not offered.
export const may = (scope) => {
  const { scopes } = session.value;
  return scopes.includes("*") || scopes.includes(scope);
};
