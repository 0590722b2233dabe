// Changes the theme at once and tells the server in the background, so that
// nothing typed is lost by a reload.
document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-theme-form]')) return;
  event.preventDefault();
  const theme = event.submitter.value;
  document.documentElement.dataset.bsTheme = theme;
  event.target.querySelector(`button:not([value="${theme}"])`).focus();
  fetch(event.target.action, { method: 'POST', body: new URLSearchParams({ theme }), redirect: 'manual' });
});
