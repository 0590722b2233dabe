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
    form.elements.task.value = row.dataset.task;
    form.requestSubmit();
  } else {
    const entry = neighbour(row, event.key === 'ArrowLeft' ? -1 : 1);
    if (!entry) return;
    event.preventDefault();
    entry.focus({ focusVisible: true });
    entry.scrollIntoView({ block: 'nearest' });
  }
});
