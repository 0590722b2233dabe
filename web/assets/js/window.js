// The follow-up window: a link with data-window opens its page in a dialog. What
// its links and forms answer is shown there, until an answer leads out of it.
import htmx from 'htmx.org';
import { current, parse, refresh } from './below.js';
import { discard, leaveAsking, loses, make, modified, unsaved } from './dialog.js';
import { counted } from './followups.js';
import { expire } from './undo.js';

const inside = /^\/customers\/\d+\/followups(\/\d+)?/;
let dialog, opener, wrote;

// show puts a page into the dialog. A form that holds something typed stays as it
// is, unless it is the one that was sent.
const show = (main, sent, place) => {
  const form = unsaved(dialog);
  if (form && form !== sent) main.querySelector(`form[data-ask][action="${form.getAttribute('action')}"]`)?.replaceWith(form);
  const [, status, body] = dialog.children;
  body.replaceChildren(...main.childNodes);
  htmx.process(body);
  counted(body);
  expire(body);
  if (!dialog.open) dialog.showModal();
  status.textContent = body.querySelector('.flash span')?.textContent ?? '';
  ['[aria-invalid]', '.flash button', place, '[autofocus]', 'h1'].map((css) => css && body.querySelector(css)).find(Boolean)?.focus();
};

const leave = (main) => {
  wrote = false;
  refresh(main);
  if (dialog.open) dialog.close();
  (opener.isConnected ? opener : document.querySelector('a.btn[data-window]'))?.focus();
};

const visit = async (url, { sent, place, ...options } = {}) => {
  const [notice] = dialog.children;
  notice.hidden = true;
  try {
    const response = await fetch(url, options);
    const [main, at] = [await parse(response), new URL(response.url)];
    wrote ||= response.ok && options.method === 'POST';
    if (inside.test(at.pathname) && (response.ok || [409, 422].includes(response.status))) show(main, sent, place);
    else if (!response.ok) throw new Error(main.querySelector('h1 + p')?.textContent);
    else if (current(at)) leave(main);
    else location.href = at.href;
  } catch (error) {
    if (!dialog.open) location.href = url;
    notice.textContent = error.name === 'Error' && error.message || 'The server does not answer. Nothing is lost: try again.';
    notice.hidden = false;
  }
};

const follow = (event) => {
  const link = event.target.closest('a[href]');
  if (!link || link.getAttribute('href').startsWith('#') || modified(event)) return;
  const out = 'windowClose' in link.dataset || current(link);
  if (!out && !inside.test(link.pathname)) return;
  event.preventDefault();
  if (out) leaveAsking(dialog);
  else if (!loses(dialog, null, link.pathname) || discard(dialog)) visit(link.href, { place: link.closest('.tabs') && '.tabs [aria-current]' });
};

const send = (event) => {
  event.preventDefault();
  const form = event.target;
  if (loses(dialog, form) && !discard(dialog)) return;
  visit(form.action, { sent: form, method: 'POST', body: new URLSearchParams(new FormData(form, event.submitter)) });
};

const closed = async () => {
  if (!wrote) return;
  const response = await fetch(location.href);
  if (response.ok) leave(await parse(response));
};

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-window]');
  if (!link || dialog?.open || modified(event)) return;
  event.preventDefault();
  opener = link;
  dialog ??= make({ click: follow, submit: send, close: closed });
  visit(link.href);
});
