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

// Rows that come in pages by a cursor: {rows, next, error, loading, more, reload, refresh}.
// `load(cursor)` gives {rows, next}. `refresh` reads the first page and puts what is new or
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
  // Not one known row in the new page: rows between the two were passed over.
  const skipped = page.next && before.rows.length > 0 && kept.length === before.rows.length;
  if (skipped) return { ...page, skipped };
  const rows = [...page.rows, ...kept].slice(0, most);
  const next = rows.length === most || kept.length === 0 ? page.next : before.next;
  return { rows, next, skipped: false };
}
