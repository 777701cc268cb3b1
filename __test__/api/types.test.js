'use strict';

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { declarationsIn, walk } = require('../../testkit/declarations');
const { grownTurn, requestOf, toolTurn } = require('../../testkit/drift/turns');
const { turn } = require('../../testkit/entries/turn');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { collectors } = require('../../testkit/receiver/collectors');
const { PROJECT_FILE, projects } = require('../../testkit/scratch/projects');
const { eventually } = require('../../testkit/waiting');

const declarations = declarationsIn(fs.readFileSync(path.join(__dirname, '..', '..', 'index.d.ts'), 'utf8'));
/** What the addon returns as JSON. These interfaces are written by hand, so only this test compares them with Rust. */
const INTERFACES = [
  'Status', 'NextRequest', 'Approved', 'Asks', 'ValuesInUse', 'Setting', 'Entries', 'ExportCounts', 'Backlog', 'Transition', 'Recent', 'Files',
  'ParserReport', 'ParserCategory', 'ParserSample', 'ParserDifference',
  'DryRunSummary', 'DryRunVariant', 'NameDecision',
];

const { project, homeWith, options } = projects();
const collector = collectors();
const { status: answering } = badCollectors();

/** Real answers whose fields together are all that there are: type and value. */
const answers = [];

beforeAll(async () => {
  for (const state of [withoutHome, untrusted, exporting, failing, withAnomalies, previewed]) {
    await addon.shutdown(1);
    answers.push(...(await state()));
  }
  await addon.shutdown(1);
});

test.each(INTERFACES)('%s declares exactly the fields of real answers, with their types', (name) => {
  const values = [];
  for (const [type, answer] of answers) walk(declarations, type, answer, (interfaceName, value) => interfaceName === name && values.push(value));
  const declared = [...declarations.interfaces.get(name)];
  expect(presenceIn(values)).toEqual(Object.fromEntries(declared.map(([field, { isOptional }]) => [field, isOptional ? 'sometimes' : 'always'])));
});

test('every interface of an answer is in this test', () => {
  const found = new Set();
  for (const [type, answer] of answers) walk(declarations, type, answer, (name) => found.add(name));
  expect(found).toEqual(new Set(INTERFACES));
});

function withoutHome() {
  return [['Status', addon.init({ cwd: project(), env: {} })], ['ParserReport', addon.report({ env: {} })]];
}

/** A project that waits for its first approval, and again after its config has changed. */
function untrusted() {
  const given = options({ tier: 1, endpoint: 'https://collector.invalid' });
  const first = addon.inspect(given);
  addon.trust(given.cwd, given);
  const approved = addon.inspect(given);
  fs.writeFileSync(path.join(given.cwd, PROJECT_FILE), JSON.stringify({ otel: { tier: 1, endpoint: 'https://other.invalid' } }));
  const second = addon.inspect(given);
  expect(second.asks.changes).not.toEqual([]);
  return [['Status', first], ['Status', approved], ['Status', second]];
}

async function exporting() {
  const { endpoint } = await collector();
  const before = addon.init(options({ tier: 1, endpoint, project: 'shop', team: 'payments' }));
  addon.record(turn());
  expect(await addon.flush()).toBe(true);
  const coarse = addon.inspect(options({ tier: 1, endpoint, resolution: 'day' }));
  return [['Status', before], ['Status', addon.status()], ['Status', coarse]];
}

/** Five exports fail, so there is a pause, and the status file cannot be written. */
async function failing() {
  const given = { ...options({ tier: 1, endpoint: await answering(400) }), home: homeWith({}) };
  fs.mkdirSync(path.join(given.home, '.ccxray'));
  fs.writeFileSync(path.join(given.home, '.ccxray', 'otel'), 'a file in place of the directory');
  addon.init(given);
  addon.record(turn());
  for (let exports = 0; exports < 6; exports += 1) await addon.flush(500);
  return [['Status', await eventually(addon.status, ({ state, files }) => state === 'circuit_open' && files.lost > 0)]];
}

/** An unknown name of an agent with a version, one that does not look like a name, and tokens that differ. */
async function withAnomalies() {
  const { endpoint } = await collector();
  addon.init({ ...options({ tier: 1, endpoint }), home: homeWith({}) });
  addon.record(toolTurn('acme_deploy'), { request: requestOf('hi', 'cc_version=2.1.81;') });
  addon.record(toolTurn('a sentence is not a name'));
  addon.record(...grownTurn());
  await addon.flush();
  return [['ParserReport', addon.report()]];
}

/** Dry runs of a project that exports and of one without an endpoint, with a secret and more tools than the limit. */
function previewed() {
  const given = options({ tier: 1, endpoint: 'http://127.0.0.1:9' });
  const dryRuns = [addon.dryRun(given, [{ tier: 2 }, {}]), addon.dryRun({ ...given, cwd: project() })];
  for (const dryRun of dryRuns) {
    for (let i = 0; i < 60; i += 1) dryRun.add(toolTurn(`tool_${i}`));
    dryRun.add(toolTurn(`ghp_${'A1b2C3d4'.repeat(5)}`));
  }
  return dryRuns.map((dryRun) => ['DryRunSummary', dryRun.summary()]);
}

/** For each field of some objects: whether all of them have it. */
function presenceIn(objects) {
  const fields = new Set(objects.flatMap((object) => Object.keys(object)));
  return Object.fromEntries([...fields].map((field) => [field, objects.every((object) => field in object) ? 'always' : 'sometimes']));
}
