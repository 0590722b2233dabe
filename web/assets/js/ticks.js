// Ticks all rows of a page at once, and says beside the button how many are.
const all = document.querySelector('[data-tick-all]');

if (all) {
  const form = all.form;
  const boxes = () => [...form.querySelectorAll('tbody input[type=checkbox]')];
  const count = () => {
    const n = boxes().filter((box) => box.checked).length;
    form.querySelector('[data-ticked]').textContent = n ? `(${n})` : '';
    all.checked = n > 0 && n === boxes().length;
    all.indeterminate = n > 0 && !all.checked;
  };
  all.hidden = false;
  all.addEventListener('change', () => {
    for (const box of boxes()) box.checked = all.checked;
    count();
  });
  form.addEventListener('change', count);
  addEventListener('pageshow', count); // what was ticked before going back
}
