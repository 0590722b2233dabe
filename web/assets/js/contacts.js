// The form of a contact. Its parts become tabs, a long list can be narrowed by typing,
// and an hour of the day that is pressed goes into its field, which is shown.
const select = (tabs, chosen, focus) => {
  tabs.forEach((tab) => {
    const on = tab === chosen;
    tab.setAttribute('aria-selected', on);
    tab.tabIndex = on ? 0 : -1;
    document.getElementById(tab.getAttribute('aria-controls')).hidden = !on;
  });
  if (focus) chosen.focus();
};

const tabs = (part) => {
  if (part.querySelector('[role=tablist]')) return;
  const list = document.createElement('div');
  list.setAttribute('role', 'tablist');
  list.setAttribute('aria-label', part.dataset.tabs);
  const all = [...part.querySelectorAll(':scope > section')].map((section) => {
    const title = section.querySelector('h2');
    const tab = document.createElement('button');
    tab.type = 'button';
    tab.id = `${title.id}-tab`;
    tab.textContent = title.textContent;
    tab.setAttribute('role', 'tab');
    section.id = `${title.id}-part`;
    section.setAttribute('role', 'tabpanel');
    section.setAttribute('aria-labelledby', tab.id);
    tab.setAttribute('aria-controls', section.id);
    tab.classList.toggle('wrong', !!section.querySelector('[aria-invalid]'));
    title.hidden = true;
    return tab;
  });
  list.append(...all);
  part.prepend(list);
  const begin = all.find((tab) => tab.classList.contains('wrong')) ?? all[0];
  select(all, begin);
  list.addEventListener('click', (event) => all.includes(event.target) && select(all, event.target, true));
  list.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    select(all, all[(all.indexOf(event.target) + step + all.length) % all.length], true);
  });
  // what leads to a field opens the part that has it
  part.closest('form').addEventListener('click', (event) => {
    const to = event.target.closest('a[href^="#"]');
    const section = to && document.querySelector(to.getAttribute('href'))?.closest('[role=tabpanel]');
    if (section) select(all, document.getElementById(section.getAttribute('aria-labelledby')));
  });
};

// fits tells that each word typed begins one of the words of the text.
const fits = (text, typed) => {
  const words = text.toLowerCase().split(/[\s-]+/);
  return typed.toLowerCase().split(/\s+/).filter(Boolean).every((w) => words.some((word) => word.startsWith(w)));
};

const narrow = (list) => {
  if (list.previousElementSibling?.classList.contains('narrow')) return;
  const field = document.createElement('input');
  field.type = 'search';
  field.className = 'form-control form-control-sm narrow';
  field.placeholder = 'Type a group or a code';
  field.setAttribute('aria-label', `${list.dataset.narrow}: type a group or a code`);
  field.setAttribute('aria-controls', list.id);
  field.autocomplete = 'off';
  list.before(field);
  const said = document.createElement('p');
  said.className = 'form-hint';
  said.setAttribute('role', 'status');
  list.after(said);
  const choose = () => {
    const all = [...list.querySelectorAll('optgroup > option')];
    all.forEach((option) => { option.hidden = !fits(`${option.parentElement.label} ${option.label}`, field.value); });
    list.querySelectorAll('optgroup').forEach((group) => { group.hidden = [...group.children].every((option) => option.hidden); });
    const typed = field.value.trim();
    const first = typed && all.find((option) => !option.hidden);
    said.textContent = typed && (first ? first.label : 'None fits. Type less, or look through the list.');
    said.classList.toggle('visually-hidden', !!first);
    if (!typed || list.value === (first?.value ?? '')) return;
    list.value = first?.value ?? ''; // what was chosen before does not stay behind other words
    list.dispatchEvent(new Event('change', { bubbles: true }));
  };
  field.addEventListener('input', choose);
  field.addEventListener('change', (event) => event.stopPropagation());
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    list.focus();
  });
};

const begin = (root) => {
  root.querySelectorAll('[data-tabs]').forEach(tabs);
  root.querySelectorAll('select[data-narrow]').forEach(narrow);
};

document.addEventListener('click', (event) => {
  const hour = event.target.closest('button[data-hour]');
  if (!hour) return;
  event.preventDefault();
  const field = hour.form.elements[hour.dataset.hour];
  field.value = hour.value;
  document.getElementById(field.closest('[role=tabpanel]')?.getAttribute('aria-labelledby'))?.click();
  field.focus();
});
document.addEventListener('htmx:load', (event) => begin(event.detail.elt.parentElement ?? document));
