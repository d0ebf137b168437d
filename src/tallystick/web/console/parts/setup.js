// What the server says about itself: {prefix, apis, mock, dev: null | {api: credential}}.
export const setup = JSON.parse(document.getElementById("setup").textContent);
