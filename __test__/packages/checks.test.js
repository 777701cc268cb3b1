'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { compareVersions, glibcOf, inspect } = require('../../scripts/package/binary');
const { BUILT, checkRepository, checkTarballs } = require('../../scripts/package/check');
const { binaryManifest, mainManifest, text } = require('../../scripts/package/manifest');
const { isAccepted, sbom } = require('../../scripts/package/notices');
const { PACKAGE, findTarget, targets } = require('../../scripts/package/targets');
const { projects } = require('../../testkit/scratch/projects');

const { project } = projects();
const GNU = findTarget('linux-x64-gnu');
const MUSL = findTarget('x86_64-unknown-linux-musl');

/** Packs each manifest with its files into a folder of its own. */
function tarballs(manifests) {
  const folder = project();
  for (const [i, [manifest, files]] of manifests.entries()) {
    const stage = path.join(folder, `stage-${i}`, 'package');
    fs.mkdirSync(stage, { recursive: true });
    fs.writeFileSync(path.join(stage, 'package.json'), text(manifest));
    for (const name of files) {
      fs.mkdirSync(path.dirname(path.join(stage, name)), { recursive: true });
      fs.writeFileSync(path.join(stage, name), '');
    }
    execFileSync('tar', ['-czf', path.join(folder, `${i}.tgz`), '-C', path.dirname(stage), 'package']);
  }
  return folder;
}

const whole = (change = {}, files = BUILT) => [{ ...mainManifest(), ...change }, files];
const part = (change = {}, files = [GNU.binary]) => [{ ...binaryManifest(GNU), ...change }, files];

test('there are eight targets, and the packages in npm/ are in step with them', () => {
  expect(targets).toHaveLength(8);
  expect(checkRepository()).toEqual([]);
});

test('the repository names no package that a registry lacks, and the packed one names all eight', () => {
  expect(PACKAGE.optionalDependencies).toBeUndefined();
  expect(Object.entries(mainManifest().optionalDependencies)).toEqual(targets.map(({ packageName }) => [packageName, PACKAGE.version]));
});

describe('the check of the tarballs', () => {
  test('accepts packages that are in step', () => expect(checkTarballs(tarballs([whole(), part()]))).toEqual([]));
  test.each([
    ['a missing main package', [part()], 'no tarball of @ccxray/otel-native'],
    ['a missing entry', [whole({ optionalDependencies: {} })], 'does not name @ccxray/otel-native-linux-x64-gnu'],
    ['another version in the entry', [whole({ optionalDependencies: { ...mainManifest().optionalDependencies, [GNU.packageName]: '0.0.9' } })], 'wants @ccxray/otel-native-linux-x64-gnu 0.0.9'],
    ['another version of the package', [whole(), part({ version: '0.0.9' })], 'has version 0.0.9'],
    ['a package without its binary', [whole(), part({}, [])], `does not contain ${GNU.binary}`],
    ['a main package without the page of its demo', [whole({}, BUILT.slice(1)), part()], `does not contain ${BUILT[0]}`],
    ['a package with a script', [whole(), part({ scripts: { postinstall: 'node x.js' } })], 'has scripts'],
    ['an entry that is no target', [whole({ optionalDependencies: { ...mainManifest().optionalDependencies, '@ccxray/other': '1.0.0' } })], 'not a target'],
  ])('refuses %s', (_, packages, message) => {
    expect(checkTarballs(tarballs(packages)).join('\n')).toContain(message);
  });
});

/** A file that contains these texts. */
const bytes = (...texts) => Buffer.from(`\0${texts.join('\0')}\0`);

describe('the check of a binary', () => {
  test('accepts one that needs an old C library', () => {
    expect(inspect(bytes('GLIBC_2.2.5', 'GLIBC_2.17', '/cargo/registry/src/lib.rs'), GNU)).toMatchObject({ glibc: '2.17', wrong: [] });
    expect(inspect(bytes('musl'), MUSL)).toMatchObject({ glibc: undefined, wrong: [] });
  });
  test.each([
    ['a newer C library', bytes('GLIBC_2.2.5', 'GLIBC_2.34'), GNU, 'needs glibc 2.34'],
    ['the other C library', bytes('GLIBC_2.17'), MUSL, 'should need musl'],
    ['a home directory', bytes('GLIBC_2.17', '/home/mika/otel-native/src/lib.rs'), GNU, '/home/mika'],
    ['the directory of the sources', bytes('GLIBC_2.17', `${path.join(__dirname, '..', '..')}/src/lib.rs`), GNU, 'src/lib.rs'],
    ['more bytes than it may have', Buffer.alloc(6_000_001), MUSL, '6000001 bytes'],
  ])('refuses %s', (_, content, target, message) => {
    expect(inspect(content, target).wrong.join('\n')).toContain(message);
  });
  test('compares versions by their numbers', () => {
    expect(['2.9', '2.17', '2.2.5', '2.2'].toSorted(compareVersions)).toEqual(['2.2', '2.2.5', '2.9', '2.17']);
    expect(glibcOf(bytes('GLIBC_PRIVATE', 'GLIBC_2.4', 'GLIBC_2.10'))).toBe('2.10');
  });
});

test.each([
  ['MIT', true], ['MIT OR Apache-2.0', true], ['MIT/Apache-2.0', true], ['GPL-3.0 OR MIT', true], ['(MIT OR GPL-3.0) AND Unicode-3.0', true],
  ['Apache-2.0 WITH LLVM-exception', true], ['GPL-3.0', false], ['MIT AND GPL-3.0', false], ['(GPL-2.0 OR GPL-3.0) AND MIT', false], [null, false],
])('the licence %s is accepted: %s', (licence, expected) => expect(isAccepted(licence)).toBe(expected));

test('the list of materials names a package as others do', () => {
  const { bomFormat, components } = sbom([{ name: 'serde', version: '1.0.0', license: 'MIT/Apache-2.0', repository: 'https://example.com' }]);
  expect(bomFormat).toBe('CycloneDX');
  expect(components).toEqual([expect.objectContaining({ purl: 'pkg:cargo/serde@1.0.0', licenses: [{ expression: 'MIT OR Apache-2.0' }] })]);
});
