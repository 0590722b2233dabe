// A form that was sent leaves its id to its place in the history. Whoever goes Back
// there and sends the same again is told that it was saved already: nothing is written
// twice. Something else typed there is a form of its own. Of what was typed no more is
// kept than a number, and of a form with a password nothing.
import { changed } from './ask.js';

// print is the number of what was typed. Hidden fields are made anew with the page, and
// only the version says what it is about.
const print = (form, submitter) => {
  const made = [...form.elements].filter((field) => field.type === 'hidden' && field.name !== 'version').map((field) => field.name);
  const typed = [...new FormData(form, submitter)].filter(([name]) => !made.includes(name));
  const to = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
  return [...JSON.stringify([to, typed])].reduce((sum, c) => Math.imul(sum ^ c.codePointAt(0), 16777619), 2166136261);
};

addEventListener('submit', (event) => { // after those who send it in their own way
  const form = event.target;
  const id = form.querySelector('input[name=form_id]');
  if (event.defaultPrevented || !id || !changed(form) || form.querySelector('[type=password], [type=file]')) return;
  const typed = print(form, event.submitter);
  id.value = history.state?.sent?.[typed] ?? id.value;
  history.replaceState({ ...history.state, sent: { ...history.state?.sent, [typed]: id.value } }, '');
});
