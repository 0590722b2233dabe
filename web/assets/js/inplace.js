// A form with data-inplace that comes back to this page is answered without leaving
// it: the place is kept, and what is being typed elsewhere.
import { kept, parse, refresh } from './below.js';

let busy = false;

const answer = async (form, submitter) => {
  const keys = form.querySelector(':focus-visible');
  const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, submitter)) });
  if (!response.ok) return false;
  refresh(await parse(response), form);
  if (keys) (document.querySelector('[data-undo] button') ?? document.querySelector('main')).focus();
  return true;
};

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !('inplace' in form.dataset) || !kept(form)) return;
  if (form.elements.back.value !== location.pathname + location.search) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  const done = await answer(form, event.submitter).catch(() => false);
  busy = false;
  if (done) return;
  delete form.dataset.inplace; // the server's own page says why
  form.requestSubmit(event.submitter);
});
