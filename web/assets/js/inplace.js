// A form with data-inplace that comes back to this page is answered without leaving
// it: the place is kept, and what is being typed elsewhere. Its value is the id of the
// part that it is about: whoever works by the keyboard goes on there.
import { kept, parse, refresh } from './below.js';

let busy = false;

// onward is the control of a part that comes next.
const onward = (id) => id && ['[data-next]', '.btn-primary'].map((css) => document.getElementById(id)?.querySelector(css)).find(Boolean);

const answer = async (form, submitter) => {
  const keys = form.querySelector(':focus-visible');
  const part = document.getElementById(form.dataset.inplace)?.closest('tbody') ?? document.getElementById(form.dataset.inplace);
  const after = part?.nextElementSibling?.id;
  const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, submitter)) });
  if (!response.ok) return false;
  if (new URL(response.url).pathname !== location.pathname) {
    location.href = response.url;
    return true;
  }
  refresh(await parse(response), form);
  history.replaceState(null, '', response.url);
  if (keys) (document.querySelector('[data-undo] button') ?? onward(part?.id) ?? onward(after) ?? document.querySelector('main')).focus();
  return true;
};

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !('inplace' in form.dataset) || !kept(form)) return;
  if (new URL(form.elements.back.value, location).pathname !== location.pathname) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  const done = await answer(form, event.submitter).catch(() => false);
  busy = false;
  if (done) return;
  delete form.dataset.inplace; // the server's own page says why
  form.requestSubmit(event.submitter);
});
