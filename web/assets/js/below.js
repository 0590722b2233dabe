// Brings the page up to date after something was done to it, without loading it
// anew.
import htmx from 'htmx.org';
import { changed } from './ask.js';
import { countAll } from './ticks.js';
import { expire } from './undo.js';

export const parse = async (response) => new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('main');

export const current = (url) => url.pathname + url.search === location.pathname + location.search;

// kept is the part that can change while something is being typed in the rest: the
// header of a customer; all of the page where nothing is.
export const kept = (sent) => {
  const main = document.querySelector('main');
  const typed = main.querySelector('[aria-invalid]') || [...main.querySelectorAll('form')].some((form) => form !== sent && changed(form));
  return typed ? main.querySelector('.profile-head') : main;
};

// refresh shows the page as the server has it now, as far as nothing is lost.
export const refresh = (fresh, sent) => {
  const part = kept(sent);
  const open = document.querySelector('details.more')?.open;
  const now = part?.matches('main') ? fresh : fresh.querySelector('.profile-head');
  const flash = fresh.querySelector('.flash');
  part?.replaceWith(now);
  const main = document.querySelector('main');
  if (now !== fresh) {
    main.querySelector(':scope > .flash')?.remove();
    if (flash) main.prepend(flash);
  }
  if (open) document.querySelector('details.more')?.setAttribute('open', '');
  htmx.process(now);
  countAll();
  expire(main);
};
