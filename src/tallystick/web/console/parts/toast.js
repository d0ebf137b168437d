import { html, useEffect } from "./html.js";
import { signal, useSignal } from "./signal.js";

const shown = signal([]);
let count = 0;

// Tell what happened. With `undo`, a button takes it back while the note is shown.
export function toast(text, { undo, kind = "" } = {}) {
  const note = { id: ++count, text, undo, kind };
  shown.set([...shown.value.slice(-2), note]);
}

const drop = (id) => shown.set(shown.value.filter((note) => note.id !== id));

function Note({ note }) {
  useEffect(() => {
    const timer = setTimeout(() => drop(note.id), note.undo ? 10000 : 6000);
    return () => clearTimeout(timer);
  }, []);
  const takeBack = async () => {
    drop(note.id);
    try {
      await note.undo();
    } catch (error) {
      toast(error.message, { kind: "bad" });
    }
  };
  return html`<li class=${note.kind}>
    <span>${note.text}</span>
    ${note.undo && html`<button type="button" class="small" onClick=${takeBack}>Undo</button>`}
    <button type="button" class="small bare" aria-label="Close this note" onClick=${() => drop(note.id)}>×</button>
  </li>`;
}

export const Toasts = () => html`<div class="toasts" role="status"><ul>
  ${useSignal(shown).map((note) => html`<${Note} key=${note.id} note=${note} />`)}
</ul></div>`;

// Do what may fail, and tell how it went; return whether it went well.
export async function attempt(action, told, options) {
  try {
    const result = await action();
    const text = typeof told === "function" ? told(result) : told;
    if (text) toast(text, options);
    return true;
  } catch (error) {
    toast(error.message, { kind: "bad" });
    return false;
  }
}
