'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { run } = require('./support/child-run');
const { projects } = require('./support/surface-project');

const ROOT = path.join(__dirname, '..');
/** The binary that was built for this machine, as the loader looks for it. */
const BINARY = fs.readdirSync(ROOT).find((name) => /^otel-native\..+\.node$/.test(name));
/** Its platform: system, processor and, where there are several, C library. */
const [PLATFORM] = /(?<=^otel-native\.).+(?=\.node$)/.exec(BINARY);

const { project } = projects();

/** What comes of the generated loader on its own, with the files given beside it. */
async function loaded(beside = {}) {
  const directory = project();
  fs.copyFileSync(path.join(ROOT, 'index.js'), path.join(directory, 'index.js'));
  for (const [name, content] of Object.entries(beside)) fs.writeFileSync(path.join(directory, name), content);
  const { code, stdout, stderr } = await run('child-loader.js', [directory]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

test('the platform names this machine', () => {
  expect(PLATFORM).toContain(process.platform);
  expect(PLATFORM).toContain(process.arch);
});

describe('without its binary the loader', () => {
  test('throws an error that says what is missing', async () => {
    const { messages } = await loaded();
    expect(messages[0]).toMatch(/^Cannot find native binding\b/);
  });

  test('names among the causes the file and the package that it looked for, by platform', async () => {
    const { messages } = await loaded();
    const causes = messages.slice(1).join('\n');
    expect(causes).toContain(`./${BINARY}`);
    expect(causes).toContain(`@ccxray/otel-native-${PLATFORM}`);
  });
});

test('with a binary that is broken the loader says so', async () => {
  const { messages } = await loaded({ [BINARY]: 'this is no shared library' });
  expect(messages.join('\n')).toMatch(/invalid ELF header|file too short|not a mach-o file|not a valid Win32 application/);
});

test('with its binary the loader is the addon', async () => {
  const { exports } = await loaded({ [BINARY]: fs.readFileSync(path.join(ROOT, BINARY)) });
  expect(exports).toEqual(expect.arrayContaining(['init', 'record', 'status', 'preview', 'flush', 'shutdown', 'shutdownSync']));
});
