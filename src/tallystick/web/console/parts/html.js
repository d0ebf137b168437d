// The one way to preact: screens and parts import it from here.
export {
  html, render, useCallback, useEffect, useRef, useState,
} from "../vendor/preact.js";
