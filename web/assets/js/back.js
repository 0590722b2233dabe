// A form that was sent leaves its id to its place in the history. Whoever goes Back
// there and sends the same again is told that it was saved already: nothing is written
// twice. Something else typed there is a form of its own. Of what was typed no more is
// kept than a number, and of a form with a password nothing.
import { changed } from './ask.js';

// print is the number of what the form says and where it goes. What is made anew with
// each page is left out: the form's id, and where the journal stood.
const print = (form, submitter) => {
  const said = [...new FormData(form, submitter)].filter(([name]) => name !== 'form_id' && name !== 'head');
  const to = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
  return [...JSON.stringify([to, said])].reduce((sum, c) => Math.imul(sum ^ c.codePointAt(0), 16777619), 2166136261);
};

// fresh is an id of the kind that the server gives.
const fresh = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

addEventListener('submit', (event) => { // after those who send it in their own way
  const form = event.target;
  const id = form.querySelector('input[name=form_id]');
  if (event.defaultPrevented || !id || !changed(form) || form.querySelector('[type=password], [type=file]')) return;
  const sent = history.state?.sent ?? {};
  const typed = print(form, event.submitter);
  // The page may still be there as it was sent, with an id that was used for other words.
  id.value = sent[typed] ?? (Object.values(sent).includes(id.value) ? fresh() : id.value);
  history.replaceState({ ...history.state, sent: { ...sent, [typed]: id.value } }, '');
});
