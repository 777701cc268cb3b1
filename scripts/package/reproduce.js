'use strict';
// `node scripts/package/reproduce.js TARGET [--quick]`: builds the binary that is in npm/TARGET once more, from a copy of the
// sources in another directory, and fails if the bytes differ. `--quick` as for `build.js`.

const { execFileSync, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { ROOT, findTarget } = require('./targets');

const digest = (file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

/** What a clone would contain, with changes that are not committed yet. */
function copySources(directory) {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const name of files.filter((file) => fs.existsSync(path.join(ROOT, file)))) {
    fs.mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, name), path.join(directory, name));
  }
}

function reproduce([name, ...options]) {
  const target = findTarget(name);
  const binary = path.join(path.relative(ROOT, target.folder), target.binary);
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-reproduce-'));
  try {
    copySources(directory);
    const env = { ...process.env, CARGO_TARGET_DIR: path.join(directory, 'target') };
    const { status } = spawnSync(process.execPath, ['scripts/package/build.js', name, ...options, '--', '--quiet'], { cwd: directory, env, stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
    const [first, second] = [ROOT, directory].map((root) => digest(path.join(root, binary)));
    process.stdout.write(first === second
      ? `${name}: another build in another directory has the same bytes, sha256 ${first}\n`
      : `${name}: another build in another directory has other bytes: sha256 ${first} here, ${second} there\n`);
    return first === second ? 0 : 1;
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

if (require.main === module) process.exitCode = reproduce(process.argv.slice(2));
