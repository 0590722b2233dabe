// In a list with data-rows j and k go from row to row, and h presses the row's
// control with data-handle; Enter follows what has the focus, as everywhere.
document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !['j', 'k', 'h'].includes(event.key)) return;
  if (event.target.closest('input, select, textarea, [contenteditable]') || document.querySelector('dialog[open]')) return;
  const rows = [...document.querySelectorAll('[data-rows] [data-row]')];
  if (!rows.length) return;
  event.preventDefault();
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  if (event.key === 'h') {
    rows[Math.max(at, 0)].querySelector('[data-handle]')?.click();
    return;
  }
  const next = rows[Math.min(Math.max(at + (event.key === 'j' ? 1 : -1), 0), rows.length - 1)];
  next.querySelector('[data-go]').focus({ focusVisible: true });
  next.scrollIntoView({ block: 'nearest' });
});
