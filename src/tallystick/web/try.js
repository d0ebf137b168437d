
// Sends a request of the page to this server. A key stays in this page's memory, and is gone with it.
const VARIABLE = /\$[A-Z_]+_KEY\b/g;
const SECONDS = 10;
const SHOWN = 100_000;
const keys = new Map(Object.entries(JSON.parse(document.body.dataset.keys)));

function field(words, name, value, tag = 'input', type = 'text') {
  const label = document.createElement('label');
  const input = Object.assign(document.createElement(tag), { name, value, spellcheck: false, autocomplete: 'off' });
  if (tag === 'input') input.type = type;
  else input.rows = Math.min(12, value.split('\n').length + 1);
  label.append(words, input);
  return label;
}

function formOf(sample) {
  const form = Object.assign(document.createElement('form'), { className: 'try' });
  const headers = sample.headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  for (const variable of new Set(`${headers}\n${sample.target}`.match(VARIABLE))) {
    const label = field(`Key, in place of ${variable}`, variable, keys.get(variable) ?? '', 'input', 'password');
    label.lastChild.addEventListener('input', (event) => keys.set(variable, event.target.value));
    form.append(label);
  }
  form.append(field('Path and query', 'target', sample.target), field('Headers', 'headers', headers, 'textarea'));
  if (sample.body !== null) form.append(field('Body', 'body', sample.body, 'textarea'));
  const answer = Object.assign(document.createElement('div'), { role: 'status' });
  form.append(Object.assign(document.createElement('button'), { textContent: `Send ${sample.method}` }), answer);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    answer.textContent = 'Sending …';
    answer.replaceChildren(...(await answerTo(sample.method, new FormData(form))));
  });
  return form;
}

const filled = (text) => text.replace(VARIABLE, (variable) => keys.get(variable) || variable);

async function answerTo(method, typed) {
  const url = new URL(filled(typed.get('target')), location.origin);
  if (url.origin !== location.origin) return [note('This page calls its own server alone: begin with a /.')];
  try {
    const headers = filled(typed.get('headers')).split('\n').filter((line) => line.trim())
      .map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]);
    const reply = await fetch(url, {
      method, headers, body: typed.get('body') ?? undefined, credentials: 'omit', cache: 'no-store',
      redirect: 'manual', signal: AbortSignal.timeout(SECONDS * 1000),
    });
    return shown(reply, await reply.text());
  } catch (error) {
    return [note(error.name === 'TimeoutError' ? `There was no whole answer within ${SECONDS} seconds.` : `It could not be sent: ${error.message}`)];
  }
}

const note = (text) => Object.assign(document.createElement('p'), { textContent: text });

function shown(reply, text) {
  const status = note(`${reply.status} ${reply.statusText}`.trim());
  const pre = Object.assign(document.createElement('pre'), { tabIndex: 0 });
  const code = document.createElement('code');
  let body = text;
  try { body = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is no JSON, and shown as it is */ }
  const headers = [...reply.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  code.textContent = `${headers}\n\n${body.slice(0, SHOWN)}${body.length > SHOWN ? '\n…' : ''}`;
  pre.append(code);
  return [status, pre];
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button.try');
  if (!button) return;
  const figure = button.closest('figure');
  const isOpen = button.getAttribute('aria-expanded') === 'true';
  button.setAttribute('aria-expanded', String(!isOpen));
  if (isOpen) figure.nextElementSibling.remove();
  else figure.after(formOf(JSON.parse(figure.dataset.sample)));
});
