// The dialog of the follow-up window. It asks before it throws away what was typed.
import { changed } from './ask.js';

// unsaved is the form in which something was typed.
export const unsaved = (dialog) => [...dialog.querySelectorAll('form[data-ask]')].find(changed);

// loses tells that what was typed goes where the form sent is answered, or the page
// at the path is shown. The form above the lists stays with the lists.
const lists = /^\/customers\/\d+\/followups$/;
export const loses = (dialog, sent, path) => {
  const form = unsaved(dialog);
  if (!form || form === sent) return false;
  return !lists.test(new URL(form.action).pathname) || Boolean(path && !lists.test(path));
};

export const discard = (dialog) => !unsaved(dialog) || confirm('Throw away what you typed?');

export const leaveAsking = (dialog) => { if (discard(dialog)) dialog.close(); };

// modified is a click that asks for another tab or window.
export const modified = (event) => event.ctrlKey || event.metaKey || event.shiftKey;

// make has a line for what went wrong, one that is read out, and the page.
export const make = (listeners) => {
  const dialog = document.createElement('dialog');
  dialog.className = 'window';
  dialog.setAttribute('aria-labelledby', 'window-title');
  dialog.innerHTML = '<p class="flash flash-warn" role="alert" hidden></p><p class="visually-hidden" role="status"></p><div></div>';
  dialog.addEventListener('close', () => dialog.lastElementChild.replaceChildren());
  dialog.addEventListener('cancel', (event) => { if (!discard(dialog)) event.preventDefault(); });
  dialog.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault(); // a second Escape would close it without asking
    if (!event.target.closest('details.menu[open]')) leaveAsking(dialog);
  });
  for (const [name, listener] of Object.entries(listeners)) dialog.addEventListener(name, listener);
  document.body.append(dialog);
  return dialog;
};
