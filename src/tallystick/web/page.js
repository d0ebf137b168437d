'use strict';

const filter = document.getElementById('filter');
const found = [...document.querySelectorAll('[data-search]')];
const words = new Map(found.map((part) => [part, part.textContent.toLowerCase()]));

function show() {
  const terms = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = new Set();
  for (const part of found) {
    part.hidden = !terms.every((term) => words.get(part).includes(term));
    if (!part.hidden) shown.add(part.dataset.operation);
  }
  for (const item of document.querySelectorAll('nav [data-operation]')) {
    item.hidden = !shown.has(item.dataset.operation);
  }
  for (const section of document.querySelectorAll('main section, .error-codes, section details:has([data-code])')) {
    section.hidden = !section.querySelector('[data-search]:not([hidden])');
    if (section.matches('details')) section.open = terms.length > 0;
  }
  for (const head of document.querySelectorAll('.api > header')) head.hidden = terms.length > 0;
  document.getElementById('nothing').hidden = shown.size > 0;
}

filter.addEventListener('input', show);

document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== filter && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    filter.focus();
  } else if (event.key === 'Escape' && document.activeElement === filter) {
    filter.value = '';
    show();
    filter.blur();
  }
});

// A link must lead somewhere, whatever the filter hides.
window.addEventListener('hashchange', () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.closest('[hidden]')) {
    filter.value = '';
    show();
    target.scrollIntoView();
  }
});

// The lines go to where the page came from.
if (location.protocol.startsWith('http')) {
  for (const code of document.querySelectorAll('.curl code')) {
    code.textContent = code.textContent.replace('http://127.0.0.1:8080', location.origin);
  }
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('.copy');
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.closest('figure').querySelector('code').textContent);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed here';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
});

// Private windows may refuse to remember.
const remembered = {
  get(name) { try { return localStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(name, value); } catch { /* then it is not */ } },
};

const root = document.documentElement;
if (remembered.get('theme')) root.dataset.theme = remembered.get('theme');
document.getElementById('theme').addEventListener('click', () => {
  const isDark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  remembered.set('theme', root.dataset.theme);
});

// On a phone the contents and the answers would hide the page.
if (matchMedia('(max-width: 62rem)').matches) {
  for (const part of document.querySelectorAll('#contents, .answer')) part.open = false;
}
