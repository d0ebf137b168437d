import { html, useState } from "./html.js";
import { toast } from "./toast.js";

// Characters that can't be seen, or turn the text around them, are shown as JSON escapes them.
const UNSEEN = /[\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

export const pretty = (value) => JSON.stringify(value, null, 2).replace(UNSEEN, escaped);

// A text to read or to copy: code, JSON, a line for a shell.
export function Code({ text, label }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      toast("The browser did not let the page copy. Select the text, and copy it by hand.");
    }
  };
  return html`<figure class="code">
    <figcaption>${label}<button type="button" class="small" onClick=${copy} aria-label=${`Copy: ${label}`}>${copied ? "Copied" : "Copy"}</button></figcaption>
    <pre tabindex="0" role="region" aria-label=${label}><code>${text}</code></pre>
  </figure>`;
}

export const Json = ({ value, label }) => html`<${Code} text=${pretty(value)} label=${label} />`;
