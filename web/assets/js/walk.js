// Keys that press a button or follow a link: what has data-key says which. They do
// nothing while somebody types or a dialog is open, wherever the focus is then, and
// Enter only where nothing else has the focus.
document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, select, textarea, [contenteditable]') || document.querySelector('dialog[open]')) return;
  if (event.key === 'Enter' && event.target !== document.body && event.target.id !== 'content') return;
  const pressed = [...document.querySelectorAll('[data-key]')].find((control) => control.dataset.key === event.key);
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});
