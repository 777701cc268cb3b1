'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const TOP_FOLDERS = ['__test__', 'bench', 'cli', 'demo', 'examples', 'scripts', 'testkit'];
const TOP_FILES = ['cli.js', 'index.js'];

/** What the JS files of each folder may require, beside their own folder. `index.js` is the addon. */
const MAY_REQUIRE = {
  'index.js': ['native.js'],
  'cli.js': ['cli', 'index.js', 'package.json'],
  cli: [],
  examples: [],
  testkit: ['cli.js', 'cli', 'index.js', 'package.json', 'examples'],
  bench: ['cli', 'testkit'],
  demo: ['cli', 'index.js', 'testkit'],
  scripts: ['bench', 'cli', 'demo', 'testkit'],
  __test__: ['bench', 'cli', 'examples', 'index.js', 'package.json', 'scripts', 'testkit'],
  '__test__/demo': ['demo', 'testkit'],
};

const EDGES = edges();

test('each folder requires only what it may', () => {
  const wrong = EDGES.filter(({ from, to }) => !mayRequire(from, to)).map(({ from, to }) => `${from} requires ${to}`);
  expect(wrong).toEqual([]);
});

test('only scripts and its own tests require the demo', () => {
  const users = EDGES.filter(({ from, to }) => folderOf(to) === 'demo' && folderOf(from) !== 'demo').map(({ from }) => from);
  expect(users.filter((from) => !from.startsWith('scripts/') && !from.startsWith('__test__/demo/'))).toEqual([]);
});

test('no files require each other in a circle', () => {
  expect(circles()).toEqual([]);
});

test('the check reads all folders with JS files', () => {
  const known = new Set([...TOP_FOLDERS, ...TOP_FILES, 'docs', 'fuzz', 'loom', 'node_modules', 'npm', 'native.js', 'schema', 'src', 'target', 'tests']);
  const unknown = fs.readdirSync(ROOT, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.') && !known.has(name));
  const withCode = unknown.filter((entry) => (entry.isDirectory() ? filesIn(entry.name).length > 0 : entry.name.endsWith('.js')));
  expect(withCode.map(({ name }) => name)).toEqual([]);
  expect(EDGES.length).toBeGreaterThan(500);
});

/** All requires of files of this package: `{from, to}`, paths from the root. */
function edges() {
  return [...TOP_FOLDERS.flatMap(filesIn), ...TOP_FILES].flatMap((from) => {
    const text = fs.readFileSync(path.join(ROOT, from), 'utf8');
    const requires = Array.from(text.matchAll(/\brequire(?:\.resolve)?\('(\.[^']*)'\)/g), ([, name]) => name);
    return requires.filter((name) => !isScript(from, name)).map((name) => ({ from, to: target(from, name) }));
  });
}

/** Whether a test only writes down a require, for a script that it starts at the root. */
function isScript(from, name) {
  return from.startsWith('__test__/') && name.startsWith('./demo');
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
