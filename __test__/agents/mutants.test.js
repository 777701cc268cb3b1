'use strict';

const fs = require('node:fs');
const path = require('node:path');

const clients = require('../../testkit/agents/clients');
const { obstacle } = require('../../testkit/agents/containment');
const { MUTANTS, addonOf } = require('../../testkit/agents/hosts/mutants');
const { cacheFolder, installed } = require('../../testkit/agents/install');
const { runContained } = require('../../testkit/agents/outside');
const { differencesOf } = require('../../testkit/agents/report');
const { since } = require('../../testkit/agents/scenarios/versions');

/**
 * A version that `npm run test:agents` has fetched, so that this test fetches nothing. Older ones send no system messages within a
 * conversation.
 */
const VERSION = fetched(clients.claude).find(since('2.1.197'));
const SKIPPED = obstacle() ?? (VERSION ? undefined : 'no client is in the cache; npm run test:agents fetches them');

if (SKIPPED !== undefined) process.stderr.write(`mutants.test.js is skipped: ${SKIPPED}\n`);

(SKIPPED === undefined ? describe : describe.skip)(`an addon that is broken on purpose, with Claude Code ${VERSION}`, () => {
  jest.setTimeout(180_000);

  test.each(Object.entries(MUTANTS))('%s makes the figures differ that are named', async (name, { scenarios, differ }) => {
    const programs = { claude: installed(clients.claude, VERSION) };
    const { outcomes, running, stray } = await runContained({ names: scenarios, programs, jobs: 2, addon: addonOf(name) });
    const found = outcomes.flatMap((outcome) => differencesOf(outcome).map(({ figure }) => `${outcome.name}: ${figure}`));
    expect([...new Set(found)].toSorted()).toEqual(differ.toSorted());
    expect(outcomes.flatMap(({ problems }) => problems)).toEqual([]);
    expect([running, stray]).toEqual([[], []]);
  });
});

function fetched({ name }) {
  const folder = path.join(cacheFolder(), name);
  return fs.existsSync(folder) ? fs.readdirSync(folder).filter((version) => fs.existsSync(path.join(folder, version, '.complete'))) : [];
}
