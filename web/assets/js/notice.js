// Says it where a part of the page could not be brought up to date.
const say = (text) => {
  const notice = document.querySelector('[data-notice]');
  if (notice) notice.textContent = text;
};

document.addEventListener('htmx:sendError', () => say('The server does not answer. What you see may be old; reload the page to try again.'));
document.addEventListener('htmx:responseError', () => say('This part could not be brought up to date. Reload the page to see what is the matter.'));
document.addEventListener('htmx:afterSwap', () => say(''));
