// Builds ../static/dist: hashed, minified and precompressed files, and
// manifest.json, which maps each logical name to its hashed one.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, '../static/dist');
const icons = join(here, 'node_modules/@tabler/icons/icons/outline');
const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

// bundles gives the stylesheet and the scripts, in names of ours.
async function bundles() {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: ['css/app.css', 'js/app.js', 'js/theme.js'],
    entryNames: '[name]',
    outdir: dist,
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles.map((f) => [f.path.split('/').at(-1), Buffer.from(f.contents)]);
}

// sprite gives one SVG with a symbol for each icon of icons.txt.
function sprite() {
  const names = readFileSync(join(here, 'icons.txt'), 'utf8').split('\n').filter((l) => l && !l.startsWith('#'));
  const symbols = names.map((name) => {
    const drawn = readFileSync(join(icons, `${name}.svg`), 'utf8').replace(/<!--[^]*?-->/g, '');
    const body = drawn.match(/<svg[^>]*>([^]*)<\/svg>/)[1].replace(/\s*\n\s*/g, '');
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
      `stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);
}

// put writes the file under a name that changes with its content.
async function put(name, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
  const hashed = name.replace('.', `-${hash}.`);
  const [br, gz] = await Promise.all([brotli(content), gzip(content, { level: 9 })]);
  writeFileSync(join(dist, hashed), content);
  writeFileSync(join(dist, `${hashed}.br`), br);
  writeFileSync(join(dist, `${hashed}.gz`), gz);
  return [name, hashed];
}

const files = [...(await bundles()), ['icons.svg', sprite()], ['favicon.svg', readFileSync(join(here, 'favicon.svg'))]];
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const manifest = Object.fromEntries(await Promise.all(files.map((f) => put(...f))));
writeFileSync(join(dist, 'manifest.json'), JSON.stringify(manifest, null, 2));
