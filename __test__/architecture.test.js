'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const TOP_FOLDERS = ['__test__', 'bench', 'cli', 'dashboards', 'demo', 'host', 'scripts', 'testkit'];
const TOP_FILES = ['cli.js', 'index.js', 'no-binary.js', 'shell.js'];

/** What the JS files of each folder may require, beside their own folder. `index.js` is the addon. */
const MAY_REQUIRE = {
  'index.js': ['native.js', 'no-binary.js', 'shell.js'],
  'no-binary.js': ['package.json'],
  'cli.js': ['cli', 'demo', 'host', 'index.js', 'package.json'],
  cli: ['package.json'],
  host: ['cli', 'index.js', 'native.js', 'package.json', 'shell.js'],
  // The demo is part of the package, so it uses nothing of the test library.
  demo: ['cli', 'index.js', 'package.json'],
  // Dashboards and rules are generated, and need nothing but the SDK.
  dashboards: [],
  testkit: ['cli.js', 'cli', 'dashboards', 'demo', 'index.js', 'package.json', 'host'],
  bench: ['cli', 'demo', 'host', 'testkit'],
  scripts: ['bench', 'cli', 'dashboards', 'demo', 'package.json', 'testkit'],
  __test__: ['bench', 'cli', 'cli.js', 'dashboards', 'demo', 'host', 'index.js', 'package.json', 'scripts', 'testkit'],
};

const EDGES = edges();

test('each folder requires only what it may', () => {
  const wrong = EDGES.filter(({ from, to }) => !mayRequire(from, to)).map(({ from, to }) => `${from} requires ${to}`);
  expect(wrong).toEqual([]);
});

test('no files require each other in a circle', () => {
  expect(circles()).toEqual([]);
});

test('every name that a file requires is exported', () => {
  const missing = EDGES.flatMap(({ from, to, names }) => {
    const exported = exportsOf(to);
    return names.filter((name) => exported !== undefined && !exported.has(name)).map((name) => `${from} requires ${name} of ${to}`);
  });
  expect(missing).toEqual([]);
});

test('the check reads all folders with JS files', () => {
  const known = new Set([...TOP_FOLDERS, ...TOP_FILES, 'docs', 'fuzz', 'loom', 'node_modules', 'npm', 'native.js', 'schema', 'src', 'target', 'tests']);
  const unknown = fs.readdirSync(ROOT, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.') && !known.has(name));
  const withCode = unknown.filter((entry) => (entry.isDirectory() ? filesIn(entry.name).length > 0 : entry.name.endsWith('.js')));
  expect(withCode.map(({ name }) => name)).toEqual([]);
  expect(EDGES.length).toBeGreaterThan(500);
});

/** All requires of files of this package: `{from, to, names}`, with paths from the root and with the names that are destructured. */
function edges() {
  return [...TOP_FOLDERS.flatMap(filesIn), ...TOP_FILES].flatMap((from) => {
    const requires = Array.from(textOf(from).matchAll(/(?:\{([^{}]*)\} = )?\brequire(?:\.resolve)?\('(\.[^']*)'\)/g));
    return requires.filter(([, , file]) => !isScript(from, file)).map(([, names, file]) => ({ from, to: target(from, file), names: namesIn(names) }));
  });
}

/** Whether a file only contains the text of a script, which runs elsewhere. */
function isScript(from, file) {
  return from === 'testkit/host/mini.js' && file.startsWith('./') || from.startsWith('__test__/') && /^\.\/(demo|testkit\/reference)/.test(file);
}

/** The names that a file exports; undefined if they are not listed in one object. */
function exportsOf(file) {
  // The last one: a file can contain the text of another one.
  const [, names] = Array.from(textOf(file).matchAll(/^module\.exports = \{([^}]*)\};/gm)).at(-1) ?? [];
  return names === undefined || names.includes('...') ? undefined : new Set(namesIn(names));
}

/** The names of an object in short notation. */
function namesIn(list = '') {
  return list.split(',').map((name) => name.split(':')[0].trim()).filter((name) => name !== '');
}

function textOf(file) {
  return fs.readFileSync(path.join(ROOT, file), 'utf8');
}

function target(from, name) {
  const plain = path.join(ROOT, path.dirname(from), name);
  return path.relative(ROOT, require.resolve(plain)).split(path.sep).join('/');
}

function filesIn(folder) {
  const names = fs.readdirSync(path.join(ROOT, folder), { recursive: true }).map((name) => name.split(path.sep).join('/'));
  return names.filter((name) => name.endsWith('.js')).map((name) => `${folder}/${name}`);
}

function folderOf(file) {
  return file.split('/')[0];
}

function mayRequire(from, to) {
  const own = Object.keys(MAY_REQUIRE).filter((folder) => from === folder || from.startsWith(`${folder}/`));
  const allowed = own.flatMap((folder) => MAY_REQUIRE[folder]);
  return folderOf(from) === folderOf(to) && folderOf(from) !== '__test__' || allowed.includes(folderOf(to));
}

/** Circles among files, each as the path along which it was found. */
function circles() {
  const next = new Map();
  for (const { from, to } of EDGES) next.set(from, [...(next.get(from) ?? []), to]);
  const found = [];
  const done = new Set();
  const visit = (file, trail) => {
    const at = trail.indexOf(file);
    if (at >= 0) found.push([...trail.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const other of next.get(file) ?? []) visit(other, [...trail, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}
