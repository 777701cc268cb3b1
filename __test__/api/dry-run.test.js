'use strict';

const addon = require('../..');
const { responseWith, turn } = require('../../testkit/entries/turn');
const { projects } = require('../../testkit/scratch/projects');

const { options, project } = projects();

/** The names of the tools that would be sent. */
function toolsIn({ decisions }) {
  return decisions.filter(({ kind }) => kind === 'tool').map(({ sent }) => sent);
}

test('each assumption is a variant', () => {
  const dryRun = addon.dryRun(options({ tier: 1, endpoint: 'http://127.0.0.1:9' }), [{}, { tier: 2 }, { names: 'all' }, { tier: undefined }]);
  expect(dryRun.add(turn(), { response: responseWith('acme_tool') })).toBe(true);
  const { recorded, variants } = dryRun.summary();
  expect(recorded).toBe(1);
  expect(variants.map((variant) => [variant.tier, variant.names, toolsIn(variant)].flat())).toEqual([
    [1, 'known', 'custom'], [2, 'known', 'acme_tool'], [1, 'all', 'acme_tool'], [1, 'known', 'custom'],
  ]);
});

test('what is no entry is counted, and a part of a wrong type is ignored', () => {
  const dryRun = addon.dryRun(options({ tier: 1, endpoint: 'http://127.0.0.1:9' }));
  for (const entry of ['{', '[]', undefined, null, 5, Buffer.from('x')]) expect(dryRun.add(entry)).toBe(false);
  expect(dryRun.add(Buffer.from(turn()), { request: 5, response: Symbol('x') })).toBe(true);
  expect(dryRun.summary()).toMatchObject({ recorded: 1, malformed: 6, failed: 0 });
});

test.each([
  [[{ tier: 0 }], 'assumptions[0].tier: Use 1 or 2.'],
  [[{}, { names: 'some' }], 'assumptions[1].names: Use known or all.'],
  [[{ teir: 1 }], 'assumptions[0].teir: There is no such option. Use one of tier, names.'],
  [[{ toString: 1 }], 'assumptions[0].toString: There is no such option. Use one of tier, names.'],
])('%j is no assumption', (assumptions, message) => {
  expect(() => addon.dryRun(options({ tier: 1 }), assumptions)).toThrow(expect.objectContaining({ code: 'CCXRAY_OTEL_CONFIG', message }));
});

test('a config that cannot be used is an error', () => {
  expect(() => addon.dryRun({ cwd: project('{'), env: {} })).toThrow(expect.objectContaining({ code: 'CCXRAY_OTEL_CONFIG', line: 1 }));
  expect(() => addon.dryRun({ cmd: 1 })).toThrow(expect.objectContaining({ code: 'CCXRAY_OTEL_CONFIG', field: 'cmd' }));
});
