import { html } from "./html.js";
import { signal, useSignal } from "./signal.js";

// The reader's choice, kept under the same name as on the reference page.
const theme = signal(localStorage.getItem("theme") ?? "");
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
    if (next) localStorage.setItem("theme", next);
    else localStorage.removeItem("theme");
    apply(next);
    theme.set(next);
  };
  return html`<button type="button" class="bare" onClick=${change}>Theme: ${WORDS[value]}</button>`;
}
