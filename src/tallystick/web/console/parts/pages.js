import { useCallback, useEffect, useRef, useState } from "./html.js";

// Read a value, and again when `keys` change: {value, error, loading, reload}.
export function useLoaded(load, keys) {
  const [state, setState] = useState({ loading: true });
  const run = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++run.current;
    setState((before) => ({ ...before, loading: true }));
    const after = await load().then((value) => ({ value }), (error) => ({ error }));
    if (mine === run.current) setState({ ...after, loading: false });
  }, keys);
  useEffect(() => {
    setState({ loading: true });
    reload();
    return () => {
      run.current++;
    };
  }, [reload]);
  return { ...state, reload };
}

const SEARCHED_PAGES = 5; // a page looks at a bounded number of rows, of which few may match

// Read pages by `read(cursor)` until one has rows.
export async function readSome(read, cursor) {
  let page = await read(cursor);
  for (let left = SEARCHED_PAGES; !page.rows.length && page.next && --left > 0;) page = await read(page.next);
  return page;
}

// Rows that come in pages by a cursor: {rows, next, error, loading, more, reload, refresh}.
// `load(cursor)` gives {rows, next, short}: `short` if the page may end before it is full. `refresh` reads the first page and puts what is new or
// changed in its place; rows read before stay.
export function usePages(load, keys, most = 1000) {
  const [state, setState] = useState({ rows: [], loading: true });
  const run = useRef(0);
  const current = useRef(state);
  current.current = state;
  const take = useCallback(async (cursor, join) => {
    const mine = run.current;
    try {
      const page = await load(cursor);
      if (page.next && page.rows.length) cursors.set(page.rows.at(-1), page.next);
      if (mine === run.current) setState((before) => ({ ...join(before, page), loading: false }));
    } catch (error) {
      if (mine === run.current) setState((before) => ({ ...before, error, loading: false }));
    }
  }, keys);
  const reload = useCallback(() => {
    run.current++;
    setState((before) => ({ ...before, error: undefined, loading: true }));
    return take(undefined, (_, page) => page);
  }, [take]);
  const more = () => {
    setState((before) => ({ ...before, error: undefined, loading: true }));
    return take(current.current.next, (before, page) => ({ rows: [...before.rows, ...page.rows], next: page.next }));
  };
  const refresh = useCallback(() => take(undefined, (before, page) => joined(before, page, most)), [take]);
  useEffect(() => {
    setState({ rows: [], loading: true });
    reload();
    return () => {
      run.current++;
    };
  }, [reload]);
  return { ...state, more, reload, refresh };
}

function joined(before, page, most) {
  if (!page.next) return { ...page, skipped: false }; // the page is the whole list
  const fresh = new Set(page.rows.map((row) => row.id));
  const kept = before.rows.filter((row) => !fresh.has(row.id));
  // Not one known row in a full page: rows between the two were passed over.
  const skipped = !page.short && before.rows.length > 0 && kept.length === before.rows.length;
  if (skipped) return { ...page, skipped };
  const rows = [...page.rows, ...kept];
  if (rows.length > most) return { ...shortened(rows, most), skipped: false };
  const isBehind = kept.length > 0 || (page.short && before.next); // what was read goes further than the page
  return { rows, next: isBehind ? before.next : page.next, skipped: false };
}

// The cursor behind the last row of each page.
const cursors = new WeakMap();

// At most so many rows, the last of which ended a page: the next page goes on right after it.
function shortened(rows, most) {
  const end = rows.slice(0, most).findLastIndex((row) => cursors.has(row));
  return { rows: rows.slice(0, end + 1), next: cursors.get(rows[end]) };
}
