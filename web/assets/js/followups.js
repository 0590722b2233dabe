// The form of a follow-up: a quick date goes into the field of its form that it
// names, else into due_on, and the characters are counted as one types.
document.addEventListener('click', (event) => {
  const quick = event.target.closest('button[data-day]');
  if (!quick) return;
  event.preventDefault();
  const field = quick.form.elements[quick.dataset.day || 'due_on'];
  field.value = quick.value;
  field.dispatchEvent(new Event('change', { bubbles: true }));
});

const count = (part) => {
  const most = Number(part.dataset.counted);
  const n = [...part.querySelector('textarea').value].length;
  const hint = part.querySelector('.form-hint');
  hint.textContent = `${n.toLocaleString('en')} of ${most.toLocaleString('en')} characters`;
  hint.classList.toggle('late', n > most);
};

// counted counts what stands in the fields already.
export const counted = (root) => root.querySelectorAll('[data-counted]').forEach(count);

document.addEventListener('input', (event) => {
  const part = event.target.closest('[data-counted]');
  if (part) count(part);
});
document.addEventListener('htmx:load', (event) => counted(event.detail.elt.parentElement ?? document));
