'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { mainManifest, text } = require('../../scripts/package/manifest');
const { PACKAGE } = require('../../scripts/package/targets');
const { projects } = require('../../testkit/scratch/projects');

const ROOT = path.join(__dirname, '..', '..');
const USES = fs.readFileSync(path.join(__dirname, 'consumer', 'uses.ts'), 'utf8');
const TOOLS = path.join(ROOT, 'node_modules', '.bin');

const { project } = projects();

jest.setTimeout(120_000);

/** A project with this package installed, as it is packed. */
function consumer() {
  const directory = project();
  const installed = path.join(directory, 'node_modules', '@ccxray', 'otel-native');
  for (const name of [...PACKAGE.files, 'README.md']) fs.cpSync(path.join(ROOT, name), path.join(installed, name), { recursive: true });
  fs.writeFileSync(path.join(installed, 'package.json'), text(mainManifest()));
  fs.symlinkSync(path.join(ROOT, 'node_modules', '@types'), path.join(directory, 'node_modules', '@types'));
  return { directory, installed };
}

/** Each with the file's text and what the compiler says about it. */
const WRONG = {
  'a misspelt reason of a drop': ["import { status } from '@ccxray/otel-native';\nstatus().entries.dropped.queue_ful;", /'queue_ful' does not exist.* Did you mean 'queue_full'/],
  'a misspelt reason of a dropped export': ["import { status } from '@ccxray/otel-native';\nstatus().exports.dropped.refused;", /'refused' does not exist/],
  'a state that there is not': ["import { status } from '@ccxray/otel-native';\nif (status().state === 'paused') status();", /no overlap/],
  'a side that there is not': ["import { status } from '@ccxray/otel-native';\nif (status().decidedBy === 'project') status();", /no overlap/],
  'a name of the loader': ["import { __napiBindingTarget } from '@ccxray/otel-native';\n__napiBindingTarget;", /no exported member '__napiBindingTarget'/],
  'a file that is not exported': ["import '@ccxray/otel-native/native.js';", /Cannot find module/],
  'a code that an error does not have': ["import type { OtelConfigError } from '@ccxray/otel-native';\nexport const is = (it: OtelConfigError) => it.code === 'OTHER';", /no overlap/],
};

/** What the compiler says about each file of a strict project: all in one run, which takes seconds. */
function errorsByFile(files) {
  const { directory } = consumer();
  for (const [name, source] of Object.entries({ ...files, 'package.json': '{}' })) fs.writeFileSync(path.join(directory, name), source);
  const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--resolveJsonModule', '--esModuleInterop',
    '--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--skipDefaultLibCheck'];
  const { stdout } = spawnSync(path.join(TOOLS, 'tsc'), [...flags, ...Object.keys(files)], { cwd: directory, encoding: 'utf8' });
  const errors = Object.fromEntries(Object.keys(files).map((name) => [name, []]));
  for (const line of stdout.split('\n').filter(Boolean)) {
    const file = line.split('(', 1)[0];
    (errors[file] ??= []).push(line);
  }
  return errors;
}

describe('for a strict consumer', () => {
  const wrong = Object.values(WRONG).map(([source], i) => [`wrong-${i}.mts`, source]);
  let errors;
  beforeAll(() => {
    errors = errorsByFile({ 'uses.mts': USES, 'uses.cts': USES.replace(" with { type: 'json' }", ''), ...Object.fromEntries(wrong) });
  });

  test('all files are known', () => expect(Object.keys(errors)).toHaveLength(2 + wrong.length));
  test.each(['uses.mts', 'uses.cts'])('%s compiles', (name) => expect(errors[name]).toEqual([]));
  test.each(Object.entries(WRONG).map(([name, [, said]], i) => [name, said, `wrong-${i}.mts`]))('%s does not compile', (_, said, file) => {
    expect(errors[file]).toEqual([expect.stringMatching(said)]);
  });
});

test('publint and attw find nothing', () => {
  const { directory, installed } = consumer();
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], { cwd: installed, encoding: 'utf8' }));
  const tarball = path.join(directory, filename);
  for (const [tool, args] of [['publint', ['--strict', tarball]], ['attw', [tarball, '--exclude-entrypoints', './package.json', '--no-emoji']]]) {
    const { status, stdout, stderr } = spawnSync(path.join(TOOLS, tool), args, { cwd: directory, encoding: 'utf8' });
    expect({ tool, status, output: status === 0 ? '' : stdout + stderr }).toEqual({ tool, status: 0, output: '' });
  }
});
