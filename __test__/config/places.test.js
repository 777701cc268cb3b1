'use strict';

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { PROJECT_FILE, projects } = require('../../testkit/scratch/projects');

const { project } = projects();

/** The error of `action` without its stack. */
function errorOf(action) {
  try {
    action();
  } catch (error) {
    return { ...error, message: error.message, isError: error instanceof Error };
  }
  throw new Error('nothing was thrown');
}

function fileWith(text) {
  const cwd = project();
  const file = path.join(cwd, PROJECT_FILE);
  fs.writeFileSync(file, text);
  return { file, options: { cwd, home: project(), env: {} } };
}

test.each([
  ['init', (options) => addon.init(options)],
  ['inspect', (options) => addon.inspect(options)],
  ['trust', (options) => addon.trust(options.cwd, options)],
])('%s reports the file, line, column and field of a setting', (_, call) => {
  const { file, options } = fileWith('{ "otel": {\n  "tier": 7 } }');
  const error = errorOf(() => call(options));
  expect(error).toMatchObject({ isError: true, code: 'CCXRAY_OTEL_CONFIG', file: fs.realpathSync(file), line: 2, field: 'otel.tier' });
  expect(error.message).toContain(`${PROJECT_FILE}:${error.line}:${error.column}: otel.tier: `);
});

test('a file that is not JSON has a place and no field', () => {
  const { file, options } = fileWith('{ "otel": ');
  expect(errorOf(() => addon.init(options))).toMatchObject({ code: 'CCXRAY_OTEL_CONFIG', file: fs.realpathSync(file), line: 1, column: expect.any(Number) });
});

test('an option has a field and no file', () => {
  const error = errorOf(() => addon.init({ cwd: 5 }));
  expect(error).toEqual({ isError: true, code: 'CCXRAY_OTEL_CONFIG', field: 'cwd', message: expect.stringContaining('cwd'), fix: 'Use a string.' });
});

test('a variable has its name as the field', () => {
  const error = errorOf(() => addon.init({ cwd: project(), home: project(), env: { CCXRAY_OTEL_TIER: 'banana' } }));
  expect(error).toMatchObject({ code: 'CCXRAY_OTEL_CONFIG', field: 'CCXRAY_OTEL_TIER' });
  expect(error).not.toHaveProperty('file');
});
