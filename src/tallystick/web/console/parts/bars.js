import { html } from "./html.js";
import { clock } from "./time.js";

const HEIGHT = 28;
const STEP = 5;

// Counts over time as bars: values {time, count}; `most` is the full height.
export const Bars = ({ values, most, label }) => html`<svg class="bars" role="img" aria-label=${label}
  viewBox=${`0 0 ${values.length * STEP} ${HEIGHT}`} preserveAspectRatio="none">
  ${values.map(({ time, count }, i) => {
    const height = count ? Math.max(1.5, (count / most) * HEIGHT) : 0.5;
    return html`<rect key=${time} x=${i * STEP} y=${HEIGHT - height} width=${STEP - 1} height=${height}><title>${clock(time).slice(0, 5)}: ${count}</title></rect>`;
  })}
</svg>`;
