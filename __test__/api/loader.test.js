'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { run } = require('../../testkit/process/run');
const { projects } = require('../../testkit/scratch/projects');

const ROOT = path.join(__dirname, '..', '..');
/** The name of this machine's binary, for which the loader looks. */
const BINARY = fs.readdirSync(ROOT).find((name) => /^otel-native\..+\.node$/.test(name));
/** Its platform: system, processor and, if there are several, C library. */
const [PLATFORM] = /(?<=^otel-native\.).+(?=\.node$)/.exec(BINARY);

const { project } = projects();

/**
 * Loads a copy of the entry point and the generated loader, with the given files beside them.
 * @param {Record<string, string | Buffer>} [beside] their contents by name
 * @param {string} [before] code that runs first
 */
async function loaded(beside = {}, before = '') {
  const directory = project();
  for (const name of ['index.js', 'native.js', 'no-binary.js', 'shell.js', 'package.json']) fs.copyFileSync(path.join(ROOT, name), path.join(directory, name));
  for (const [name, content] of Object.entries(beside)) fs.writeFileSync(path.join(directory, name), content);
  const { code, stdout, stderr } = await run('children/loader.js', [directory, before]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** Code that makes this process look like one on another platform. */
const pretend = (properties) => Object.entries(properties).map(([name, value]) => `Object.defineProperty(process, '${name}', { value: ${JSON.stringify(value)} });`).join('');
const WITHOUT_GLIBC = 'process.report.getReport = () => ({ header: {}, sharedObjects: [] });';

test('the platform includes system and processor', () => {
  expect(PLATFORM).toContain(process.platform);
  expect(PLATFORM).toContain(process.arch);
});

describe('without a binary the loader', () => {
  test.each([
    ['that has a package names the package', '', [`no usable binary for ${PLATFORM}: the package @ccxray/otel-native-${PLATFORM} is not installed.`, 'npm install --include=optional', 'npm run build', 'https://rustup.rs']],
    ['with musl names that package', pretend({ platform: 'linux', arch: 'arm64' }) + WITHOUT_GLIBC, ['the package @ccxray/otel-native-linux-arm64-musl is not installed.', '--include=optional']],
    ['that has no package names those that have one', pretend({ platform: 'freebsd' }), [`no binary for freebsd-${process.arch}: there are packages for Linux, macOS and Windows, on x64 and arm64.`, 'npm run build']],
    ['with another processor names those that have a package', pretend({ platform: 'linux', arch: 'riscv64' }), ['no binary for linux-riscv64-', 'npm run build']],
  ])('on a platform %s', async (_, before, parts) => {
    const { code, messages: [message] } = await loaded({}, before);
    expect(code).toBe('CCXRAY_OTEL_NO_BINARY');
    for (const part of parts) expect(message).toContain(part);
    expect(message).not.toContain('\n');
  });

  test('names the missing file and package as causes', async () => {
    const { messages } = await loaded();
    const causes = messages.slice(1).join('\n');
    expect(causes).toContain(`./${BINARY}`);
    expect(causes).toContain(`@ccxray/otel-native-${PLATFORM}`);
  });
});

describe('the error of the loader, in one line, for', () => {
  test.each([
    ['a file that is no library', 'this is not a shared library'],
    ['an empty file', ''],
    ['the beginning of a file', fs.readFileSync(path.join(ROOT, BINARY)).subarray(0, 100)],
  ])('%s names the file and the cure', async (_, content) => {
    const { messages: [message] } = await loaded({ [BINARY]: content });
    expect(message).toContain(`has a binary for ${PLATFORM} that cannot be loaded: `);
    expect(message).toContain(BINARY);
    expect(message).toContain('Delete node_modules, then install again: npm ci.');
    expect(message).not.toContain('\n');
  });

  const onGlibc = PLATFORM.endsWith('-gnu') ? test : test.skip;
  onGlibc('a binary that needs a newer glibc names both versions', async () => {
    const binary = fs.readFileSync(path.join(ROOT, BINARY)).toString('latin1');
    const newest = [...binary.matchAll(/(?<=\0)GLIBC_2\.\d\d(?=\0)/g)].map(([name]) => name).toSorted().at(-1);
    const content = Buffer.from(binary.replaceAll(`\0${newest}\0`, '\0GLIBC_2.99\0'), 'latin1');
    const { messages: [message] } = await loaded({ [BINARY]: content });
    expect(message).toMatch(/cannot be loaded: this build needs glibc 2\.99, and this system has 2\.\d+\. Use a published package/);
    expect(message).not.toContain('\n');
  });
});

test('with its binary the loader exports the addon', async () => {
  const { exports } = await loaded({ [BINARY]: fs.readFileSync(path.join(ROOT, BINARY)) });
  expect(exports).toEqual(expect.arrayContaining(['init', 'record', 'status', 'preview', 'flush', 'shutdown', 'shutdownSync']));
});
