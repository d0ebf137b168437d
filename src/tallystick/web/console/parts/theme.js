import { html } from "./html.js";
import { signal, useSignal } from "./signal.js";

// Private windows may refuse to remember.
const remembered = {
  get() { try { return localStorage.getItem("theme"); } catch { return null; } },
  set(theme) { try { localStorage.setItem("theme", theme); } catch { /* then it is not */ } },
};

// The reader's choice, kept under the same name as on the reference page.
const theme = signal(remembered.get() ?? "");
const NEXT = { "": "light", light: "dark", dark: "" };
const WORDS = { "": "as the system", light: "light", dark: "dark" };

const apply = (value) => {
  if (value) document.documentElement.dataset.theme = value;
  else delete document.documentElement.dataset.theme;
};
apply(theme.value);

export function ThemeButton() {
  const value = useSignal(theme);
  const change = () => {
    const next = NEXT[value];
    remembered.set(next);
    apply(next);
    theme.set(next);
  };
  return html`<button type="button" class="bare" onClick=${change}>Theme: ${WORDS[value]}</button>`;
}
