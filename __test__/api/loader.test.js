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

/** Loads a copy of the entry point and the generated loader, with the given files beside them. */
async function loaded(beside = {}) {
  const directory = project();
  for (const name of ['index.js', 'native.js', 'shell.js']) fs.copyFileSync(path.join(ROOT, name), path.join(directory, name));
  for (const [name, content] of Object.entries(beside)) fs.writeFileSync(path.join(directory, name), content);
  const { code, stdout, stderr } = await run('children/loader.js', [directory]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

test('the platform includes system and processor', () => {
  expect(PLATFORM).toContain(process.platform);
  expect(PLATFORM).toContain(process.arch);
});

describe('without a binary the loader', () => {
  test('throws an error with the platform and the cure', async () => {
    const { code, messages } = await loaded();
    expect(code).toBe('CCXRAY_OTEL_NO_BINARY');
    expect(messages[0]).toContain(`no usable binary for ${PLATFORM}: it is not installed.`);
    expect(messages[0]).toContain('npm run build');
    expect(messages[0]).toContain('https://rustup.rs');
  });

  test('names the missing file and package as causes', async () => {
    const { messages } = await loaded();
    const causes = messages.slice(1).join('\n');
    expect(causes).toContain(`./${BINARY}`);
    expect(causes).toContain(`@ccxray/otel-native-${PLATFORM}`);
  });
});

test('with a broken binary the loader reports the error', async () => {
  const { messages } = await loaded({ [BINARY]: 'this is not a shared library' });
  expect(messages.join('\n')).toMatch(/invalid ELF header|file too short|not a mach-o file|not a valid Win32 application/);
});

test('with its binary the loader exports the addon', async () => {
  const { exports } = await loaded({ [BINARY]: fs.readFileSync(path.join(ROOT, BINARY)) });
  expect(exports).toEqual(expect.arrayContaining(['init', 'record', 'status', 'preview', 'flush', 'shutdown', 'shutdownSync']));
});
