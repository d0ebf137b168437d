import { call } from "./api.js";

export async function listSubscriptions(cursor, options) {
  const page = await call("GET", "subscriptions", { query: { cursor, limit: 1000 }, ...options });
  return { rows: page.subscriptions, next: page.next };
}

// All of them: no more are made than fit a page, but an older database may have more.
export async function readSubscriptions(options) {
  const all = [];
  let page;
  do {
    page = await listSubscriptions(page?.next, options);
    all.push(...page.rows);
  } while (page.next);
  return all;
}
