'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { Markers } = require('../testkit/canary/markers');
const { privateNames } = require('../testkit/canary/private-names');
const { programText } = require('../testkit/differential/programs');
const { casesOf, CASE_FILES } = require('../testkit/fixtures/cases');
const { Random } = require('../demo/traffic/random');

const TURNS = path.join(__dirname, '..', 'testkit', 'fixtures', 'turns');
const CATALOGS = path.join(__dirname, '..', 'src', 'catalog');
/** How many programs are seeds. */
const PROGRAMS = 40;
/** How many private names are seeds. */
const NAMES = 400;
/** For each target of `fuzz/targets`: which part of the fixtures of which wires it reads. */
const PARTS = {
  anthropic: { wires: ['anthropic'], part: 'response', field: 'res' },
  responses: { wires: ['codex-http', 'grok'], part: 'response', field: 'res' },
  websocket: { wires: ['codex-websocket'], part: 'response', field: 'res' },
  request: { wires: ['anthropic', 'codex-http', 'codex-websocket', 'grok'], part: 'request', field: 'req' },
};

/**
 * The seeds of a fuzz target: parts of the turns of fixtures and cases, generated programs or names, or the examples of the catalogs.
 * @param {string} target
 * @returns {Record<string, string>} texts by file name
 */
function seedsOf(target) {
  if (target === 'catalog') return fromCatalogs();
  if (target === 'gate') return { ...fromCatalogs(), ...generatedNames() };
  if (target === 'program') return generatedPrograms();
  return target in PARTS ? { ...fromTurns(PARTS[target]), ...fromCases(PARTS[target]) } : {};
}

function fromTurns({ wires, part, field }) {
  const files = wires.flatMap((wire) => fs.readdirSync(path.join(TURNS, wire)).map((file) => path.join(wire, file)));
  const inputs = files.filter((file) => file.endsWith('.input.ndjson'));
  const seeds = inputs.flatMap((file) => {
    const rows = fs.readFileSync(path.join(TURNS, file), 'utf8').split('\n').filter((row) => row !== '');
    return rows.map((row, at) => [`${file.replaceAll(path.sep, '-')}-${at}`, partOf(JSON.parse(row), part, field)]);
  });
  return Object.fromEntries(seeds.filter(([, text]) => text !== undefined));
}

function fromCases({ wires, part, field }) {
  const turns = CASE_FILES.flatMap(casesOf).flatMap(({ name, turns: all }) => all.map(({ entry }, at) => ({ name: `${name}-${at}`, entry })));
  const fitting = turns.filter(({ entry }) => wires.includes(wireOf(entry)));
  return Object.fromEntries(fitting.map(({ name, entry }) => [name, partOf({ entry }, part, field)]).filter(([, text]) => text !== undefined));
}

function generatedNames() {
  return Object.fromEntries(privateNames(new Markers(0, 1), NAMES).map(({ name }, at) => [`name-${at}`, name]));
}

function generatedPrograms() {
  const random = new Random(1);
  return Object.fromEntries(Array.from({ length: PROGRAMS }, (_, at) => [`program-${at}`, programText(random)]));
}

function wireOf({ provider, agent, responseMetadata }) {
  if (provider === 'anthropic') return 'anthropic';
  if (agent === 'grok') return 'grok';
  return responseMetadata?.transport === 'websocket' ? 'codex-websocket' : 'codex-http';
}

function partOf(record, part, field) {
  const found = record[part] ?? record.entry[field] ?? undefined;
  return typeof found === 'string' || found === undefined ? found : JSON.stringify(found);
}

function fromCatalogs() {
  const files = fs.readdirSync(CATALOGS).filter((file) => file.endsWith('.json'));
  const seeds = files.flatMap((file) => {
    const { examples } = JSON.parse(fs.readFileSync(path.join(CATALOGS, file), 'utf8'));
    return examples.map(({ input }, at) => [`${path.basename(file, '.json')}-${at}`, [input].flat().join('')]);
  });
  return Object.fromEntries(seeds);
}

module.exports = { seedsOf };
