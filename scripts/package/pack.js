'use strict';
// `node scripts/package/pack.js [FOLDER]`: packs the main package and each package whose binary is in npm/, as they are
// published, into FOLDER (target/packages). `--all` fails if one of the eight binaries is missing.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { checkRepository, checkTarballs } = require('./check');
const { binaryManifest, mainManifest, text } = require('./manifest');
const { PACKAGE, ROOT, targets } = require('./targets');

const LICENCES = ['LICENSE', 'THIRD-PARTY-NOTICES.md'];

/** npm with its answer as JSON. It runs no script of the package. */
function npm(args, cwd) {
  const isWindows = process.platform === 'win32';
  return JSON.parse(execFileSync('npm', [...args, '--json', '--ignore-scripts'], { cwd, encoding: 'utf8', shell: isWindows, stdio: ['ignore', 'pipe', 'inherit'] }));
}

/** Packs a folder that is put together from files by name: a path to copy, or a text. */
function packFiles(files, folder) {
  const stage = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-pack-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(stage, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      if (content.text === undefined) fs.copyFileSync(content.from, file);
      else fs.writeFileSync(file, content.text);
      // A tarball contains the mode, and a checkout's depends on the machine.
      fs.chmodSync(file, Object.values(PACKAGE.bin).includes(name) ? 0o755 : 0o644);
    }
    const [packed] = npm(['pack', '--pack-destination', folder], stage);
    return packed;
  } finally {
    fs.rmSync(stage, { recursive: true });
  }
}

function packMain(folder) {
  const [{ files }] = npm(['pack', '--dry-run'], ROOT);
  const copies = files.map(({ path: name }) => [name, { from: path.join(ROOT, name) }]);
  return packFiles({ ...Object.fromEntries(copies), 'package.json': { text: text(mainManifest()) } }, folder);
}

/** @param {{from: string} | {text: string}} [binary] something else in its place */
function packBinary(target, folder, binary = { from: path.join(target.folder, target.binary) }) {
  const copies = [...LICENCES.map((name) => [name, { from: path.join(ROOT, name) }]),
    ['README.md', { from: path.join(target.folder, 'README.md') }]];
  return packFiles({ ...Object.fromEntries(copies), [target.binary]: binary, 'package.json': { text: text(binaryManifest(target)) } }, folder);
}

function pack(argv) {
  const folder = path.resolve(argv.find((argument) => !argument.startsWith('--')) ?? path.join(ROOT, 'target', 'packages'));
  const built = targets.filter((target) => fs.existsSync(path.join(target.folder, target.binary)));
  const missing = targets.filter((target) => !built.includes(target)).map(({ id }) => id);
  if (argv.includes('--all') && missing.length > 0) throw new Error(`no binary for ${missing.join(', ')}. Run: node scripts/package/build.js TARGET`);
  const wrong = checkRepository();
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  fs.mkdirSync(folder, { recursive: true });
  for (const name of fs.readdirSync(folder)) if (name.endsWith('.tgz')) fs.rmSync(path.join(folder, name));
  for (const packed of [packMain(folder), ...built.map((target) => packBinary(target, folder))]) {
    process.stdout.write(`${packed.filename}  ${megabytes(packed.size)} packed, ${megabytes(packed.unpackedSize)} unpacked, ${packed.entryCount} files\n`);
  }
  const unfit = checkTarballs(folder);
  if (unfit.length > 0) throw new Error(unfit.join('\n'));
  if (missing.length > 0) process.stdout.write(`not packed, because not built: ${missing.join(', ')}\n`);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

if (require.main === module) {
  try {
    pack(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

module.exports = { packBinary };
