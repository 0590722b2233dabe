// The search of the top bar: / goes to it from anywhere; what it finds is a
// listbox that the arrow keys move through while the field keeps the focus.
const field = document.querySelector('[data-search]');
const results = document.getElementById('search-results');
const said = document.querySelector('[data-search-said]');

const options = () => [...results.querySelectorAll('[role=option]')];
const active = () => results.querySelector('[aria-selected=true]');

const choose = (option) => {
  active()?.setAttribute('aria-selected', 'false');
  field.removeAttribute('aria-activedescendant');
  if (!option) return;
  option.setAttribute('aria-selected', 'true');
  option.scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', option.id);
};

// show opens what was found, or closes it; the field can open it again.
const show = (open) => {
  choose(null);
  results.hidden = !open;
  field.setAttribute('aria-expanded', String(open && options().length > 0));
};

const step = (by) => {
  const all = options();
  if (results.hidden && all.length) show(true);
  const at = all.indexOf(active());
  choose(at < 0 ? all.at(by > 0 ? 0 : -1) : all[at + by]);
};

const press = (event) => {
  if (event.isComposing) return;
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (arrow && options().length) {
    event.preventDefault();
    step(arrow);
  } else if (event.key === 'Escape' && !results.hidden && results.children.length) {
    event.preventDefault(); // on a closed list it empties the field
    show(false);
  }
};

// Enter opens the customer that is chosen; with none it sends the form.
const send = (event) => {
  if (!active()) return;
  event.preventDefault();
  active().click();
};

if (field) {
  field.setAttribute('role', 'combobox');
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', 'search-list');
  show(false);
  field.addEventListener('keydown', press);
  field.form.addEventListener('submit', send);
  field.addEventListener('focus', () => { if (results.children.length) show(true); });
  field.form.addEventListener('focusout', (event) => { if (!field.form.contains(event.relatedTarget)) show(false); });
  results.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
  results.addEventListener('htmx:afterSwap', () => {
    show(document.activeElement === field && results.children.length > 0);
    said.textContent = results.firstElementChild?.dataset.said ?? '';
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input, select, textarea, [contenteditable]')) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
