// A form with data-ask does not throw away what was typed without asking; one with
// data-typed holds words that the server sent back unsaved.
export const changed = (form) => 'typed' in form.dataset || [...form.elements].some((field) => {
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  if (field.tagName === 'SELECT') return field.selectedIndex !== Math.max(0, [...field.options].findIndex((o) => o.defaultSelected));
  return ['INPUT', 'TEXTAREA'].includes(field.tagName) && field.type !== 'hidden' && field.value !== field.defaultValue;
});

let sent;

document.addEventListener('submit', (event) => { sent = event.target; });
addEventListener('beforeunload', (event) => {
  const lost = [...document.querySelectorAll('form[data-ask]')].some((form) => form !== sent && changed(form));
  if (lost) event.preventDefault();
});
