// A line with data-segments says, as the text of the field that it names is typed, in
// how many parts that goes out as an SMS, and what they cost where data-price has the
// price of one. The program counts in the same way when it sends it.
const basic = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const extended = '^{}\\[~]|€\f';

// parts counts what each character takes; one that takes two is not cut in half.
const parts = (text, width, single, joined) => {
  const widths = [...text].map(width);
  const total = widths.reduce((a, b) => a + b, 0);
  if (total <= single) return { n: total ? 1 : 0, total, room: single };
  let [n, used] = [1, 0];
  for (const w of widths) {
    if (used + w > joined) [n, used] = [n + 1, 0];
    used += w;
  }
  return { n, total, room: n * joined };
};

const count = (text) => {
  const odd = [...text].find((c) => !basic.includes(c) && !extended.includes(c));
  if (odd) return { odd, ...parts(text, (c) => c.length, 70, 67) };
  return parts(text, (c) => (extended.includes(c) ? 2 : 1), 160, 153);
};

// cost is written to the cent, finer where that is what a part costs.
const cost = (n, price, currency) => `${currency} ${(n * price).toFixed(Number.isInteger(Number((price * 100).toFixed(6))) ? 2 : 4)}`;

const tell = (line) => {
  const { segments, price, currency } = line.dataset;
  const field = document.getElementById(segments);
  // The links to what is ticked stand below the text, each in a line so long.
  const links = [...field.form.querySelectorAll('[data-linked]:checked')].map((box) => `\n${'x'.repeat(Number(box.dataset.linked))}`);
  const { n, total, room, odd } = count(field.value.trim() + links.join(''));
  line.textContent = [
    `${n} SMS · ${total} of ${room} characters`,
    n && price && `about ${cost(n, Number(price), currency)}`,
    odd && `with “${odd}” a part holds 70 characters and not 160`,
  ].filter(Boolean).join(' · ');
};

const lines = document.querySelectorAll('[data-segments]');
for (const line of lines) {
  tell(line);
  document.getElementById(line.dataset.segments).form.addEventListener('input', () => tell(line));
}
