import { call, stream } from "./api.js";
import { useEffect, useRef, useState } from "./html.js";
import { signal, useSignal } from "./signal.js";

// What changed on the server, told by its stream: {events, events_per_second, deliveries, crons},
// and `state`: "connecting", "live" or "away".
const changes = signal({ state: "connecting" });
const AGAIN_MS = 2000;
let stopped = null;

const note = (told) => changes.set({ ...changes.value, ...told });
const pause = (signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, AGAIN_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

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
      await stream("changes", (name, data) => name === "change" && note({ ...data, state: "live" }), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404 || error.status === 403) await askNewest();
      else note({ state: "away" });
    }
    await pause(signal);
  }
}

// Without the stream, as for a key that may not read events: ask now and then.
async function askNewest() {
  try {
    const { events } = await call("GET", "events", { query: { limit: 1 }, quiet: true });
    note({ state: "live", events: events[0]?.id ?? null, deliveries: String(Date.now()), crons: String(Date.now()) });
  } catch (error) {
    note({ state: error.status === 403 ? "live" : "away" });
  }
}

export const useChanges = () => useSignal(changes);

// Call `act` when the `kind` ("events", "deliveries", "crons") changed; one call at a time.
export function useLive(kind, act, enabled = true) {
  const marker = useChanges()[kind];
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
