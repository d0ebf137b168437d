import { html, useState } from "../parts/html.js";
import { signIn } from "../parts/session.js";
import { Code } from "../parts/code.js";
import { setup } from "../parts/setup.js";

export function SignIn() {
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const enter = async (key) => {
    setBusy(true);
    setWrong("");
    await signIn(key).catch((error) =>
      setWrong(error.status === 401 ? "No key of the gateway is like this." : error.message),
    );
    setBusy(false);
  };
  const send = (e) => {
    e.preventDefault();
    enter(new FormData(e.target).get("key").trim());
  };
  return html`<main class="alone">
    <h1>Sign in to Tallystick</h1>
    <form onSubmit=${send}>
      <label>A key of the gateway
        <input name="key" type="password" required autocomplete="current-password" spellcheck=${false}
          aria-invalid=${wrong ? "true" : undefined} aria-describedby="wrong" />
      </label>
      <p id="wrong" class="wrong" role="alert">${wrong}</p>
      <button class="primary" disabled=${busy}>Sign in</button>
      ${setup.dev && html` <button type="button" onClick=${() => enter(setup.dev.gateway.key)}>Use the public key of the dev world</button>`}
    </form>
    <p class="quiet">The scopes of the key are what you may see and do here. You make one on the server:</p>
    <${Code} label="Make a key" text="tallystick keys create gateway --name me --scope '*'" />
  </main>`;
}
