// Boxes of a form's list: how many are ticked is said on its button, and one box
// ticks all of the page. Where a tick leaves somebody out, data-rest says how many
// are left.
const boxes = (form) => [...form.elements].filter((box) => box.matches('tbody input[type=checkbox]'));

const count = (form) => {
  const n = boxes(form).filter((box) => box.checked).length;
  form.querySelector('[data-ticked]').textContent = n ? `(${n})` : '';
  const rest = form.querySelector('[data-rest]');
  if (rest) rest.textContent = (rest.dataset.rest - n).toLocaleString('en');
  const all = [...form.elements].find((box) => box.matches('[data-tick-all]'));
  if (!all) return;
  all.hidden = false;
  all.checked = n > 0 && n === boxes(form).length;
  all.indeterminate = n > 0 && !all.checked;
};

document.addEventListener('change', ({ target }) => {
  if (!target.form?.querySelector('[data-ticked]')) return;
  if (target.matches('[data-tick-all]')) {
    for (const box of boxes(target.form)) box.checked = target.checked;
  }
  count(target.form);
});

export const countAll = () => {
  for (const said of document.querySelectorAll('[data-ticked]')) count(said.closest('form'));
};

// What was ticked before going back stays ticked.
addEventListener('pageshow', countAll);
