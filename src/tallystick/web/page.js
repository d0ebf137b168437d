'use strict';

const filter = document.getElementById('filter');
const articles = [...document.querySelectorAll('article[data-operation]')];
const words = new Map(articles.map((article) => [article, article.textContent.toLowerCase()]));

function show() {
  const terms = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = new Set();
  for (const article of articles) {
    const fits = terms.every((term) => words.get(article).includes(term));
    article.hidden = !fits;
    if (fits) shown.add(article.dataset.operation);
  }
  for (const item of document.querySelectorAll('nav li')) {
    item.hidden = !shown.has(item.dataset.operation);
  }
  for (const section of document.querySelectorAll('section[data-api]')) {
    section.hidden = !section.querySelector('[data-operation]:not([hidden])');
  }
  for (const part of document.querySelectorAll('.api > header, .error-codes')) {
    part.hidden = terms.length > 0;
  }
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
  get() { try { return localStorage.getItem('theme'); } catch { return null; } },
  set(theme) { try { localStorage.setItem('theme', theme); } catch { /* then it is not */ } },
};

const root = document.documentElement;
if (remembered.get()) root.dataset.theme = remembered.get();
document.getElementById('theme').addEventListener('click', () => {
  const isDark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  remembered.set(root.dataset.theme);
});

// On a phone the contents would hide the page.
if (matchMedia('(max-width: 62rem)').matches) document.getElementById('contents').open = false;
