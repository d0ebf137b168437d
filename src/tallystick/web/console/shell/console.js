import { html, render, useEffect, useRef, useState } from "../parts/html.js";
import { Dialog } from "../parts/dialog.js";
import { startLive, stopLive, useChanges } from "../parts/live.js";
import { Link, navigate, usePath } from "../parts/router.js";
import { findSession, session, signOut } from "../parts/session.js";
import { setup } from "../parts/setup.js";
import { useSignal } from "../parts/signal.js";
import { Failure, Loading } from "../parts/states.js";
import { ThemeButton } from "../parts/theme.js";
import { Toasts } from "../parts/toast.js";
import { SCREENS } from "./screens.js";
import { SignIn } from "./sign_in.js";

// A mock has its screen at /mock too.
const pathOf = (address) => address.replace(/^\/(console\/?)?/, "").split("/")[0];

function Console() {
  const who = useSignal(session);
  const path = pathOf(usePath());
  const [error, setError] = useState(null);
  const find = () => findSession().then(() => setError(null), setError);
  useEffect(() => {
    find();
  }, []);
  useEffect(() => {
    if (who) startLive();
    else stopLive();
  }, [who]);
  if (error) return html`<main class="alone"><h1>Tallystick</h1><${Failure} error=${error} again=${find} /></main>`;
  if (who === undefined) return html`<main class="alone"><${Loading} /></main>`;
  if (who === null) return html`<${SignIn} /><${Toasts} />`;
  const screen = SCREENS.find((s) => s.path === path) ?? (path ? undefined : SCREENS[0]);
  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <${Navigation} chosen=${screen} who=${who} />
    <main id="main" tabindex="-1">${screen ? html`<${Titled} screen=${screen} key=${screen.path} />` : html`<${Unknown} />`}</main>
    <${Dialog} /><${Toasts} />`;
}

function Titled({ screen }) {
  useEffect(() => {
    document.title = `${screen.title} · Tallystick`;
  }, []);
  return html`<${screen.Screen} />`;
}

const Unknown = () => html`<h1>There is no such screen</h1>
  <p>The address names none of the screens on this server. <${Link} to=${SCREENS[0].path}>${SCREENS[0].title}<//> is one.</p>`;

function Navigation({ chosen, who }) {
  const [open, setOpen] = useState(false);
  const button = useRef();
  // The focus leaves the menu with it: to what was chosen, or back to the button.
  const close = (goTo) => {
    if (open) goTo.focus();
    setOpen(false);
  };
  const enter = () => close(document.getElementById("main"));
  return html`<header class="side" onKeyDown=${(e) => e.key === "Escape" && close(button.current)}>
    <div class="top">
      <a class="brand" href="/console" onClick=${(e) => { e.preventDefault(); enter(); navigate("/console"); }}>Tallystick</a>
      <${Liveness} />
      <button type="button" class="menu" ref=${button} aria-expanded=${String(open)} aria-controls="menu" onClick=${() => setOpen(!open)}>Menu</button>
    </div>
    <div id="menu" class=${open ? "open" : ""}>
      <nav aria-label="Screens"><ul>${SCREENS.map((screen) => html`<li>
        <${Link} to=${screen.path} onClick=${enter} aria-current=${screen === chosen ? "page" : undefined}>${screen.title}<//>
      </li>`)}</ul></nav>
      <div class="foot">
        ${setup.dev && html`<p class="dev">${setup.mock ? "A mock" : "The dev world"}: its keys are public, and you are signed in with one of them.</p>`}
        <p class="quiet">Signed in as <strong>${who.name}</strong></p>
        <p class="quiet"><a href="/docs">API reference</a></p>
        <${ThemeButton} />
        <button type="button" class="bare" onClick=${signOut}>Sign out</button>
      </div>
    </div>
  </header>`;
}

const SAYS = { connecting: "connecting", live: "live", away: "no connection", still: "not live" };

function Liveness() {
  const { state, events_per_second: rate } = useChanges();
  return html`<span class=${`liveness ${state}`} role="status">${SAYS[state]}${state === "live" && rate >= 1 ? ` · ${Math.round(rate)}/s` : ""}</span>`;
}

render(html`<${Console} />`, document.getElementById("console"));
