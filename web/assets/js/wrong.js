// A page that was not saved begins at the first field that is wrong; where none is, at
// what is said above the form.
if (!location.hash) ['[aria-invalid]', '.form-errors a'].map((css) => document.querySelector(`main ${css}`)).find(Boolean)?.focus();
