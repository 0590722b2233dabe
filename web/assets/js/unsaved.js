// Beside the buttons of a form with data-ask a data-unsaved says that something was
// changed and not saved yet.
import { changed } from './ask.js';

const tell = (event) => {
  const form = event.target.closest('form[data-ask]');
  const word = form?.querySelector('[data-unsaved]');
  if (word) word.hidden = !changed(form);
};

document.addEventListener('input', tell);
document.addEventListener('change', tell);
