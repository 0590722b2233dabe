// A form or button with data-confirm asks before it is sent; with data-confirm-if only
// where something stands in the field of that name.
document.addEventListener('submit', (event) => {
  const from = event.submitter?.dataset.confirm ? event.submitter : event.target;
  const { confirm: question, confirmIf: field } = from.dataset;
  if (!question || field && !event.target.elements[field]?.value.trim()) return;
  if (!window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);
