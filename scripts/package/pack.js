'use strict';
// `node scripts/package/pack.js [FOLDER]`: packs the main package and each package whose binary is in npm/, as they are
// published, into FOLDER (target/packages). `--all` fails if one of the eight binaries is missing.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { buildDemo } = require('../build-demo');
const { MAX_BYTES } = require('./binary');
const { checkRepository, checkTarballs } = require('./check');
const { compress } = require('./compress');
const { binaryManifest, mainManifest, text } = require('./manifest');
const { PACKAGE, ROOT, targets } = require('./targets');

const MAX_PACKED_BYTES = 2.8e6;
/** The licences and the manifest have less than half a megabyte. */
const MAX_UNPACKED_BYTES = MAX_BYTES + 0.5e6;

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

/** Packs the binary of a target as small as it can be. One that is larger than those that are published is left as it is. */
async function packSmall(target, folder) {
  const packed = packBinary(target, folder);
  if (packed.unpackedSize > MAX_UNPACKED_BYTES) return packed;
  const size = await compress(path.join(folder, packed.filename));
  if (size > MAX_PACKED_BYTES) throw new Error(`${packed.filename} has ${size} bytes, and not ${MAX_PACKED_BYTES} at most`);
  return { ...packed, size };
}

async function pack(argv) {
  const folder = path.resolve(argv.find((argument) => !argument.startsWith('--')) ?? path.join(ROOT, 'target', 'packages'));
  const built = targets.filter((target) => fs.existsSync(path.join(target.folder, target.binary)));
  const missing = targets.filter((target) => !built.includes(target)).map(({ id }) => id);
  if (argv.includes('--all') && missing.length > 0) throw new Error(`no binary for ${missing.join(', ')}. Run: node scripts/package/build.js TARGET`);
  const wrong = checkRepository();
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  fs.mkdirSync(folder, { recursive: true });
  for (const name of fs.readdirSync(folder)) if (name.endsWith('.tgz')) fs.rmSync(path.join(folder, name));
  await buildDemo();
  report(packMain(folder));
  for (const target of built) report(await packSmall(target, folder));
  const unfit = checkTarballs(folder);
  if (unfit.length > 0) throw new Error(unfit.join('\n'));
  if (missing.length > 0) process.stdout.write(`not packed, because not built: ${missing.join(', ')}\n`);
}

function report({ filename, size, unpackedSize, entryCount }) {
  process.stdout.write(`${filename}  ${megabytes(size)} packed, ${megabytes(unpackedSize)} unpacked, ${entryCount} files\n`);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

if (require.main === module) {
  pack(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}

module.exports = { packBinary };
