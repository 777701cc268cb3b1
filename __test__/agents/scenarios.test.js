'use strict';

const clients = require('../../testkit/agents/clients');
const { STATED } = require('../../testkit/agents/figures');
const { MUTANTS } = require('../../testkit/agents/hosts/mutants');
const { allScenarios } = require('../../testkit/agents/scenarios');

const ALL = allScenarios();

test('there are more than 80, each with a name of its own', () => {
  expect(ALL.length).toBeGreaterThan(80);
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
});

test('each belongs to a client, and says what happens', () => {
  const without = ALL.filter(({ client, about }) => !Object.hasOwn(clients, client) || !about);
  expect(without.map(({ name }) => name)).toEqual([]);
});

test('each states figures that exist', () => {
  const unknown = ALL.flatMap((scenario) => statedBy(scenario).filter((figure) => !Object.hasOwn(STATED, figure)).map((figure) => `${scenario.name}: ${figure}`));
  expect(unknown).toEqual([]);
});

test('each cue of a prompt is in the script', () => {
  const missing = ALL.flatMap((scenario) => cuesOf(scenario).filter((cue) => !Object.hasOwn(scenario.script, cue)).map((cue) => `${scenario.name}: ${cue}`));
  expect(missing).toEqual([]);
});

test('what another version does is explained', () => {
  const silent = ALL.flatMap(({ name, differs = [] }) => differs.filter(({ why }) => !why).map(() => name));
  expect(silent).toEqual([]);
});

test('each mutant names scenarios that exist', () => {
  const names = new Set(ALL.map(({ name }) => name));
  expect(Object.values(MUTANTS).flatMap(({ scenarios }) => scenarios).filter((name) => !names.has(name))).toEqual([]);
});

function statedBy({ expect: own, differs = [] }) {
  return [own, ...differs.map((other) => other.expect)].flatMap(Object.keys);
}

function cuesOf({ steps }) {
  return steps.flatMap(({ run = '', say = '', program = [] }) => Array.from([run, say, ...program].join(' ').matchAll(/CUE_(\w+)/g), ([, cue]) => cue));
}
