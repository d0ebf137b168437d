import { Code } from "./code.js";
import { html, useEffect, useRef } from "./html.js";
import { session } from "./session.js";
import { signal, useSignal } from "./signal.js";

const asked = signal(null);

// A secret that is shown is not for who signs in next.
session.follow((who) => who === null && asked.set(null));

// Ask before what can't be undone: true if the person agrees.
export const confirm = ({ title, text, action = "Yes", danger = false }) =>
  new Promise((resolve) => asked.set({ title, text, action, danger, resolve }));

// Show something once, such as a new secret; `body` is a component's output.
export const present = ({ title, body }) =>
  new Promise((resolve) => asked.set({ title, body, resolve }));

export const presentSecret = (title, secret) =>
  present({
    title,
    body: html`<p>You see it this once. Keep it where it is used.</p><${Code} label="Secret" text=${secret} />`,
  });

export function Dialog() {
  const question = useSignal(asked);
  const box = useRef();
  useEffect(() => {
    if (question && !box.current.open) box.current.showModal();
  }, [question]);
  if (!question) return null;
  const answer = (agreed) => {
    box.current.close(); // the focus goes back to where it was
    asked.set(null);
    question.resolve(agreed);
  };
  return html`<dialog ref=${box} aria-labelledby="question" onCancel=${() => answer(false)}>
    <h2 id="question">${question.title}</h2>
    ${question.text && html`<p>${question.text}</p>`}
    ${question.body}
    <div class="choices">
      ${question.action && html`<button type="button" onClick=${() => answer(false)}>Cancel</button>`}
      <button type="button" class=${question.danger ? "danger" : "primary"} onClick=${() => answer(true)}>
        ${question.action ?? "Close"}
      </button>
    </div>
  </dialog>`;
}
