'use strict';

const fs = require('node:fs');
const path = require('node:path');

const esbuild = require('esbuild');

const ROOT = path.join(__dirname, '..');
const SOURCE = path.join(ROOT, 'demo', 'page');
/** Where the server of the live page finds it. Git ignores this directory. */
const BUILT = path.join(ROOT, 'demo', 'built', 'page');

/**
 * Bundles the live page: `index.html`, `app.js` and `app.css`, with uPlot and its licence comment.
 * @param {{directory?: string}} [options] where the files are written
 * @returns {{files: {file: string, bytes: number}[], inputs: string[]}} what was written, and the source files of it
 */
function build({ directory = BUILT } = {}) {
  fs.mkdirSync(directory, { recursive: true });
  const shared = { bundle: true, minify: true, legalComments: 'inline', logLevel: 'warning', metafile: true, absWorkingDir: ROOT };
  const script = esbuild.buildSync({ ...shared, entryPoints: [path.join(SOURCE, 'main.js')], outfile: path.join(directory, 'app.js'), format: 'esm', target: 'es2022', charset: 'utf8', banner: { js: licence() } });
  const style = esbuild.buildSync({ ...shared, entryPoints: [path.join(SOURCE, 'app.css')], outfile: path.join(directory, 'app.css') });
  fs.copyFileSync(path.join(SOURCE, 'index.html'), path.join(directory, 'index.html'));
  const files = ['index.html', 'app.js', 'app.css'].map((file) => ({ file, bytes: fs.statSync(path.join(directory, file)).size }));
  return { files, inputs: [script, style].flatMap(({ metafile }) => Object.keys(metafile.inputs)) };
}

/** uPlot's comment has no mark by which a bundler keeps it. */
function licence() {
  const text = fs.readFileSync(require.resolve('uplot/dist/uPlot.esm.js'), 'utf8');
  return text.slice(0, text.indexOf('*/') + 2).replace('/**', '/*!');
}

if (require.main === module) {
  for (const { file, bytes } of build().files) console.log(`${file}: ${bytes.toLocaleString('en-US')} bytes`);
}

module.exports = { build };
