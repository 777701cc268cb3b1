'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { notesOf } = require('../../scripts/package/release-notes');
const { stripInternals } = require('../../scripts/strip-internals');

const ROOT = path.join(__dirname, '..', '..');

test('the notes of a release are the section of its number', () => {
  const changelog = '# Changelog\n\n## [Unreleased]\n\n- new\n\n## [0.2.0] - 2026-01-02\n\n### Added\n\n- two\n\n## [0.1.0]\n\n- one\n';
  expect(notesOf(changelog, '0.2.0')).toBe('### Added\n\n- two');
  expect(notesOf(changelog, '0.1.0')).toBe('- one');
  expect(notesOf(changelog, '0.3.0')).toBeUndefined();
});

test('a tag of another version stops the release', () => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'package', 'release-notes.js'), 'v9.9.9'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('The tag is v9.9.9') });
});

test('npm publish in the repository is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'package', 'refuse.js')], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('npm run package') });
});

test('names of the loader are left out of the declarations', () => {
  const internal = '/**\n * Which artifact was loaded.\n */\nexport declare const __napiBindingTarget: \'native\'\n\n';
  const others = '/** A function. */\nexport declare function flush(): void\n';
  expect(stripInternals(`${others}\n${internal}${others}`)).toBe(`${others}\n${others}`);
  expect(fs.readFileSync(path.join(ROOT, 'index.d.ts'), 'utf8')).not.toContain('__napi');
});
