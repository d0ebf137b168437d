import { html, useEffect, useState } from "./html.js";

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const UNITS = [["year", 31536e6], ["month", 2592e6], ["day", 864e5], ["hour", 36e5], ["minute", 6e4], ["second", 1e3]];

export const absolute = (value) => ABSOLUTE.format(new Date(value));
export const clock = (value) => CLOCK.format(new Date(value));

function relative(value, now = Date.now()) {
  const apart = new Date(value) - now;
  if (Math.abs(apart) < 2000) return "now";
  const [unit, size] = UNITS.find(([, size]) => Math.abs(apart) >= size);
  return RELATIVE.format(Math.round(apart / size), unit);
}

export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 36e5) return `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`;
  return `${Math.floor(ms / 36e5)} h ${Math.round((ms % 36e5) / 60000)} min`;
}

const TICK_MS = 5000;

// A time as a person says it; the whole time, in the reader's zone, on hover.
export function Time({ value }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  if (!value) return html`<span class="quiet">never</span>`;
  return html`<time dateTime=${value} title=${absolute(value)}>${relative(value)}</time>`;
}
