// What was done can be taken back for ten seconds, longer while the button has the
// focus or is pointed at. Its words stay.
export const expire = (root) => {
  for (const form of root.querySelectorAll('[data-undo]')) {
    const away = () => {
      if (form.matches(':hover, :focus-within')) setTimeout(away, 1_000);
      else form.remove();
    };
    setTimeout(away, 10_000);
  }
};

expire(document);
