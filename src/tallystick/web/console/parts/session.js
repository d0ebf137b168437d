import { call, holdKey, onSignedOut } from "./api.js";
import { setup } from "./setup.js";
import { signal } from "./signal.js";

// Who is signed in: undefined while asked, null for nobody, {name, scopes, expires} else.
export const session = signal(undefined);

onSignedOut(() => {
  holdKey(null);
  session.set(null);
});

export async function findSession() {
  const found = await call("GET", "session", { quiet: true }).catch(() => null);
  if (found) return session.set(found);
  if (!setup.dev) return session.set(null);
  return signIn(setup.dev.gateway.key).catch(() => session.set(null));
}

export async function signIn(key) {
  try {
    session.set(await call("POST", "session", { body: { key }, quiet: true }));
  } catch (error) {
    if (error.status !== 404 && error.status !== 405) throw error;
    await signInWithoutSession(key);
  }
}

// A server without sessions: the key stays in the memory of this page.
async function signInWithoutSession(key) {
  holdKey(key);
  try {
    await call("GET", "events", { query: { limit: 1 }, quiet: true });
  } catch (error) {
    if (error.status !== 403) {
      holdKey(null);
      throw error;
    }
  }
  session.set({ name: "a key", scopes: null, expires: null });
}

export async function signOut() {
  await call("DELETE", "session").catch(() => {});
  holdKey(null);
  session.set(null);
}

export const may = (scope) => {
  const scopes = session.value?.scopes;
  return !scopes || scopes.includes("*") || scopes.includes(scope);
};
