// The keys of a diary: x says that the entry with the focus is done, r opens what puts
// it on another day, and the arrows go to the entries of the day before or after, and
// from the first or last day to the days beyond, which is what their links do.
const typing = (event) => event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey
  || event.target.closest('input, select, textarea, [contenteditable]') || document.querySelector('dialog[open]');

// neighbour is the next day with an entry in that direction.
const neighbour = (row, by) => {
  const days = [...document.querySelectorAll('[data-diary-day]')];
  let at = days.findIndex((day) => day.contains(row));
  if (at < 0 && by < 0) return null;
  for (at += by; at >= 0 && at < days.length; at += by) {
    const entry = days[at].querySelector('[data-go]');
    if (entry) return entry;
  }
  return null;
};

const go = (entry) => {
  entry.focus({ focusVisible: true });
  entry.scrollIntoView({ block: 'nearest' });
};

// onward keeps which entry comes after the one that is done, for the page that answers.
const onward = 'diary-onward';
const next = sessionStorage.getItem(onward);
sessionStorage.removeItem(onward);
const beside = next && [...document.querySelectorAll('[data-task]')].find((row) => row.dataset.task === next);
if (beside) go(beside.querySelector('[data-go]'));

document.addEventListener('keydown', (event) => {
  if (!['x', 'r', 'ArrowLeft', 'ArrowRight'].includes(event.key) || typing(event)) return;
  const row = document.activeElement.closest('[data-task]');
  if (!row) return;
  if (event.key === 'r') {
    event.preventDefault();
    row.querySelector('[data-popup]').click();
  } else if (event.key === 'x') {
    event.preventDefault();
    const form = document.querySelector('[data-task-done]');
    const rows = [...document.querySelectorAll('[data-task]')];
    const at = rows.indexOf(row);
    sessionStorage.setItem(onward, (rows[at + 1] ?? rows[at - 1])?.dataset.task ?? '');
    form.elements.task.value = row.dataset.task;
    form.elements.version.value = row.dataset.version;
    form.requestSubmit();
  } else {
    const entry = neighbour(row, event.key === 'ArrowLeft' ? -1 : 1);
    if (!entry) return;
    event.preventDefault();
    go(entry);
  }
});
