// The one way to preact: screens and parts import it from here.
import htm from "../vendor/htm.js";
import { h } from "../vendor/preact.js";

export { render } from "../vendor/preact.js";
export { useCallback, useEffect, useRef, useState } from "../vendor/hooks.js";
export const html = htm.bind(h);
