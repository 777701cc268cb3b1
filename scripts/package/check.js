'use strict';
// `node scripts/package/check.js`: whether the packages in npm/ are in step with package.json. `--write` corrects them.
// `node scripts/package/check.js FOLDER`: whether the packed tarballs in FOLDER are, with a binary for each target.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { binaryManifest, readme, text } = require('./manifest');
const { PACKAGE, ROOT, targets } = require('./targets');

/** What is bundled before the main package is packed. */
const BUILT = ['demo/built/otlp.js', 'demo/built/page/index.html', 'demo/built/page/app.js', 'demo/built/page/app.css'];

/** @returns {string[]} what is wrong in the repository, one line each */
function checkRepository({ isWriting = false } = {}) {
  const wrong = [];
  const compare = (file, expected) => {
    const actual = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
    if (actual === expected) return;
    if (isWriting) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, expected);
    } else {
      wrong.push(`${path.relative(ROOT, file)} is ${actual === undefined ? 'missing' : 'not in step with package.json'}. Run: node scripts/package/check.js --write`);
    }
  };
  for (const target of targets) {
    compare(path.join(target.folder, 'package.json'), text(binaryManifest(target)));
    compare(path.join(target.folder, 'README.md'), readme(target));
  }
  const known = new Set(targets.map(({ id }) => id));
  for (const folder of fs.readdirSync(path.join(ROOT, 'npm'))) {
    if (!known.has(folder)) wrong.push(`npm/${folder} is not a target. Add it to napi.targets in package.json, or delete it.`);
  }
  const [, crate] = /^version = "(.+)"$/m.exec(fs.readFileSync(path.join(ROOT, 'Cargo.toml'), 'utf8'));
  if (crate !== PACKAGE.version) wrong.push(`Cargo.toml has version ${crate}, and package.json ${PACKAGE.version}. Use one.`);
  if (!fs.readFileSync(path.join(ROOT, 'native.js'), 'utf8').includes(`expected ${PACKAGE.version} but got`)) {
    wrong.push(`native.js was built for another version than ${PACKAGE.version}. Run: npm run build`);
  }
  const hasHost = fs.existsSync(path.join(ROOT, 'host', 'index.js'));
  if (hasHost && !PACKAGE.exports['./host']) wrong.push('package.json does not export ./host. Add it to exports, and host to files.');
  return wrong;
}

/** @returns {string[]} what is wrong with the tarballs in a folder, one line each */
function checkTarballs(folder) {
  const wrong = [];
  const manifests = new Map();
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.tgz'))) {
    const tarball = path.join(folder, file);
    const manifest = JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }));
    manifests.set(manifest.name, { manifest, tarball });
  }
  const whole = manifests.get(PACKAGE.name)?.manifest;
  if (!whole) return [`${folder} has no tarball of ${PACKAGE.name}`];
  const wanted = whole.optionalDependencies ?? {};
  for (const { packageName, binary } of targets) {
    const found = manifests.get(packageName);
    if (wanted[packageName] === undefined) wrong.push(`${PACKAGE.name} does not name ${packageName} in optionalDependencies`);
    else if (wanted[packageName] !== whole.version) wrong.push(`${PACKAGE.name} ${whole.version} wants ${packageName} ${wanted[packageName]}`);
    if (!found) continue;
    if (found.manifest.version !== whole.version) wrong.push(`${packageName} has version ${found.manifest.version}, and ${PACKAGE.name} ${whole.version}`);
    const files = execFileSync('tar', ['-tzf', found.tarball], { encoding: 'utf8' }).split('\n');
    if (!files.includes(`package/${binary}`)) wrong.push(`${packageName} does not contain ${binary}`);
    if (found.manifest.scripts) wrong.push(`${packageName} has scripts`);
  }
  for (const name of Object.keys(wanted)) {
    if (!targets.some(({ packageName }) => packageName === name)) wrong.push(`${PACKAGE.name} names ${name}, which is not a target`);
  }
  const inMain = execFileSync('tar', ['-tzf', manifests.get(PACKAGE.name).tarball], { encoding: 'utf8' }).split('\n');
  for (const name of BUILT) {
    if (!inMain.includes(`package/${name}`)) wrong.push(`${PACKAGE.name} does not contain ${name}. Run: npm run build:demo`);
  }
  if (whole.scripts || whole.dependencies) wrong.push(`${PACKAGE.name} has scripts or dependencies`);
  return wrong;
}

function main(argv) {
  const folder = argv.find((argument) => !argument.startsWith('--'));
  const wrong = folder ? checkTarballs(folder) : checkRepository({ isWriting: argv.includes('--write') });
  for (const line of wrong) process.stderr.write(`${line}\n`);
  if (wrong.length === 0) process.stdout.write(`the packages are in step: ${PACKAGE.version}\n`);
  return wrong.length === 0 ? 0 : 1;
}

if (require.main === module) process.exitCode = main(process.argv.slice(2));

module.exports = { BUILT, checkRepository, checkTarballs };
