// A link with data-popup opens its page in a dialog. Its forms are sent as on the
// page itself: what they answer is a page again.
import htmx from 'htmx.org';
import { parse } from './below.js';
import { leaveAsking, make, modified } from './dialog.js';

let dialog, before;

const click = (event) => {
  if (!event.target.closest('[data-window-close]')) return;
  event.preventDefault();
  leaveAsking(dialog);
};

const open = async (link) => {
  const focused = document.activeElement; // a key may have clicked the link from elsewhere
  const main = await fetch(link.href).then((response) => (response.ok ? parse(response) : null)).catch(() => null);
  if (!main) {
    location.href = link.href;
    return;
  }
  before = focused === document.body ? link : focused;
  dialog ??= make({ click, close: () => before.focus() });
  const body = dialog.lastElementChild;
  body.replaceChildren(...main.childNodes);
  htmx.process(body);
  dialog.showModal();
  (body.querySelector('[autofocus]') ?? body.querySelector('h1')).focus();
};

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-popup]');
  if (!link || event.defaultPrevented || modified(event)) return;
  event.preventDefault();
  open(link);
});
