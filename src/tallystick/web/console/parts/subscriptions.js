// The query for a page with all subscriptions: there can't be more of them.
export const WHOLE_LIST = { limit: 1000 };
