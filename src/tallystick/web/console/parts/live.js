import { stream } from "./api.js";
import { useEffect, useRef, useState } from "./html.js";
import { signal, useSignal } from "./signal.js";

// What changed on the server, told by its stream: {events, events_per_second, deliveries, crons},
// and `state`: "connecting", "live", "away", or "still" for a key that may not read events;
// `connection` counts the streams, as a screen may have missed a change between two.
const changes = signal({ state: "connecting", connection: 0 });
const AGAIN_MS = 2000;
const SLOWLY_MS = 10_000;
let stopped = null;

const note = (told) => changes.set({ ...changes.value, ...told });

export function startLive() {
  stopLive();
  stopped = new AbortController();
  watch(stopped.signal);
}

export function stopLive() {
  stopped?.abort();
}

async function watch(signal) {
  while (!signal.aborted) {
    try {
      const opened = () => note({ connection: changes.value.connection + 1 });
      await stream("changes", (name, data) => name === "change" && note({ ...data, state: "live" }), signal, opened);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 403) return note({ state: "still" });
      note({ state: "away" });
    }
    await new Promise((again) => setTimeout(again, AGAIN_MS));
  }
}

export const useChanges = () => useSignal(changes);

const markerOf = (all, kind) => (all[kind] === undefined ? undefined : `${all.connection} ${all[kind]}`);

// Call `act` when the `kind` ("events", "deliveries", "crons") changed; one call at a time.
export function useLive(kind, act, enabled = true) {
  const marker = markerOf(useChanges(), kind);
  const [done, setDone] = useState(0);
  const seen = useRef(marker);
  const busy = useRef(false);
  useEffect(() => {
    if (!enabled || busy.current || marker === undefined || marker === seen.current) return;
    seen.current = marker;
    busy.current = true;
    Promise.resolve(act()).finally(() => {
      busy.current = false;
      setDone((n) => n + 1);
    });
  }, [marker, enabled, done]);
}

// Call `act` after changes of the kinds, but only now and then: for what looks at many rows.
export function useSlowly(kinds, act) {
  const all = useChanges();
  const markers = kinds.map((kind) => markerOf(all, kind));
  const last = useRef(Date.now());
  const newest = useRef();
  newest.current = act;
  useEffect(() => {
    const timer = setTimeout(() => {
      last.current = Date.now();
      newest.current();
    }, last.current + SLOWLY_MS - Date.now());
    return () => clearTimeout(timer);
  }, markers);
}
