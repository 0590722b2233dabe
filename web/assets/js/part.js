// A link with data-part leads to the page with some part of it otherwise, which its
// fragment names. Only that part is shown anew; the rest stays as it is.
import htmx from 'htmx.org';
import { parse } from './below.js';

document.addEventListener('click', async (event) => {
  const link = event.target.closest('a[data-part]');
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const [url, keys] = [new URL(link.href), link.matches(':focus-visible')];
  const fresh = await fetch(url).then(parse).then((main) => main.querySelector(url.hash)).catch(() => null);
  if (!fresh) {
    location.href = url;
    return;
  }
  document.querySelector(url.hash).replaceWith(fresh);
  history.replaceState(null, '', url.pathname + url.search);
  htmx.process(fresh);
  const same = [...fresh.querySelectorAll('[data-part]')].find((part) => part.getAttribute('aria-label') === link.getAttribute('aria-label'));
  (fresh.querySelector('[autofocus]') ?? same ?? fresh.querySelector('[data-part]')).focus({ focusVisible: keys });
});

// A button is pressed by the space bar too.
document.addEventListener('keydown', (event) => {
  const link = event.key === ' ' && event.target.closest('a[data-part]');
  if (!link) return;
  event.preventDefault();
  link.click();
});
