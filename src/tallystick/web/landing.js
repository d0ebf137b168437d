'use strict';

const state = document.getElementById('state');
const words = { 200: 'It is ready: it takes events.', 503: 'It is not ready: it takes no events now.' };

async function ask() {
  try {
    const answer = await fetch('/readyz', { cache: 'no-store' });
    state.textContent = words[answer.status] ?? `It answers /readyz with ${answer.status}.`;
    state.className = answer.ok ? 'ready' : 'unready';
  } catch {
    state.textContent = 'It does not answer any more.';
    state.className = 'unready';
  }
}

ask();
setInterval(() => document.hidden || ask(), 10_000);
