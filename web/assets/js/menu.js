// Menus are <details class="menu">: Escape and a click elsewhere close them.
const close = (except) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(except)) menu.open = false;
  }
};

document.addEventListener('click', (event) => close(event.target));
document.addEventListener('focusin', (event) => close(event.target));
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && event.target.closest('details.menu[open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});
