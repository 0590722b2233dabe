// Runs before the first paint, only where the person has not chosen a theme:
// follows the system.
if (matchMedia('(prefers-color-scheme: dark)').matches) {
  document.documentElement.dataset.bsTheme = 'dark';
}
