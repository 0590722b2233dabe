// The change of status opens in a dialog: a link or a button with data-wizard leads to
// its first page. Its pages are turned there, until an answer leads out of it.
import htmx from 'htmx.org';
import { kept, parse, refresh } from './below.js';
import { discard, make, modified } from './dialog.js';

const inside = /^\/customers\/\d+\/statuschange$/;
let dialog, opener;

const show = (main) => {
  const body = dialog.lastElementChild;
  body.replaceChildren(...main.childNodes);
  htmx.process(body);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  ['[aria-invalid]', '.form-errors a', 'h1'].map((css) => body.querySelector(css)).find(Boolean)?.focus();
};

// leave goes back to the page below, which says what was done.
const leave = (main, at) => {
  dialog.lastElementChild.replaceChildren();
  dialog.close();
  if (at.pathname !== location.pathname || !kept(opener.form)) {
    location.href = at.href;
    return;
  }
  refresh(main, opener.form);
  document.querySelector('.flash a, .flash button')?.focus();
};

const visit = async (url, options = {}) => {
  const [notice] = dialog.children;
  notice.hidden = true;
  try {
    const response = await fetch(url, options);
    const [main, at] = [await parse(response), new URL(response.url)];
    if (inside.test(at.pathname) && (response.ok || [409, 422].includes(response.status))) show(main);
    else if (!response.ok) throw new Error(main.querySelector('h1 + p')?.textContent);
    else leave(main, at);
  } catch (error) {
    if (!dialog.open) location.href = url;
    notice.textContent = error.name === 'Error' && error.message || 'The server does not answer. Nothing is lost: try again.';
    notice.hidden = false;
  }
};

const click = (event) => {
  const link = event.target.closest('a[href]');
  if (!link || link.getAttribute('href').startsWith('#') || modified(event)) return;
  if (!discard(dialog)) event.preventDefault();
};

const submit = (event) => {
  event.preventDefault();
  visit(event.target.getAttribute('action'), { method: 'POST', body: new URLSearchParams(new FormData(event.target, event.submitter)) });
};

const open = (event, from, url) => {
  event.preventDefault();
  opener = from;
  dialog ??= make({ click, submit, close: () => opener.isConnected && opener.focus() });
  visit(url);
};

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-wizard]');
  if (link && !event.defaultPrevented && !modified(event)) open(event, link, link.href);
});

document.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (!button || !('wizard' in button.dataset) || event.defaultPrevented) return;
  const url = new URL(button.hasAttribute('formaction') ? button.formAction : event.target.action);
  url.search = new URLSearchParams(new FormData(event.target));
  open(event, button, url.href);
});

