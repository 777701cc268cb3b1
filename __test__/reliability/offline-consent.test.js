'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { amountsOf } = require('../../testkit/backends/fleet-turns');
const { describeWith } = require('../../testkit/backends/program');
const { call } = require('../../testkit/cli/call');
const { sumOfAmounts } = require('../../testkit/pending/amounts');
const { storeBackends } = require('../../testkit/pending/backends');
const { offlineProject, pendingFiles } = require('../../testkit/pending/project');
const { problemsOf, runRecorder } = require('../../testkit/pending/recorders');
const { PERSONAL_FILE, PROJECT_FILE, projects } = require('../../testkit/scratch/projects');

const places = projects();
const NAME = 'ada@example.com';


/** What a user does while sums wait, and takes back before the collector is up again. */
const OPT_OUTS = [
  ['tier 0 in the environment', (init) => launchWith(init, { CCXRAY_OTEL_TIER: '0' })],
  ['DO_NOT_TRACK', (init) => launchWith(init, { DO_NOT_TRACK: '1' })],
  ['tier 0 in your own file', async (init) => {
    writeConfig(init.home, PERSONAL_FILE, { tier: 0 });
    await launchWith(init, {});
    writeConfig(init.home, PERSONAL_FILE, { tier: 1 });
  }],
  ['a project that turns telemetry off', async (init) => {
    const file = path.join(init.cwd, PROJECT_FILE);
    const { otel } = JSON.parse(fs.readFileSync(file, 'utf8'));
    writeConfig(init.cwd, PROJECT_FILE, { ...otel, enabled: false });
    await launchWith(init, {});
    writeConfig(init.cwd, PROJECT_FILE, otel);
  }],
  ['untrust', (init) => command(init, ['untrust', init.cwd])],
  ['pending --clear', (init) => command(init, ['pending', '--clear', init.cwd])],
];

for (const [title, programs, start] of storeBackends(process.env)) {
  describeWith(title, programs, () => {
    let backend;
    let init;

    beforeEach(async () => {
      backend = await start();
    }, 60_000);
    afterEach(() => backend.close());

    /** What waits before the user changes something. */
    async function recordOffline(own, more) {
      init = offlineProject(places, { endpoint: backend.gate.endpoint, temporality: backend.temporality, ...more }, own);
      backend.gate.set('down');
      for (let i = 0; i < 2; i += 1) expect(await runRecorder(init, { first: i * 10 })).toMatchObject({ confirmed: 3 });
      expect(pendingFiles(init)).toHaveLength(2);
    }

    /** Only what was recorded afterwards is there. */
    async function expectOnly(run) {
      const sums = await backend.sums();
      expect([...sums.keys()]).toEqual([run.instance]);
      expect(await problemsOf([run], backend)).toEqual([]);
      expect(sumOfAmounts(sums.values())).toEqual(amountsOf([{ first: run.first, recorded: run.attempted }]));
      expect(pendingFiles(init)).toEqual([]);
    }

    test.each(OPT_OUTS)('after %s nothing of before arrives, whatever you allow later', async (_, optOut) => {
      await recordOffline();
      await optOut(init);
      expect(pendingFiles(init)).toEqual([]);
      backend.gate.set('up');
      await expectOnly(await runRecorder(init, { first: 100 }));
    }, 60_000);

    test('after a lower tier nothing of before arrives, and no name', async () => {
      await recordOffline({ tier: 2, identity: NAME, resolution: 'minute', opt_in_acknowledged_at: '2026-01-01T00:00:00Z' }, { tier: 2, resolution: 'minute' });
      expect(fs.readFileSync(pendingFiles(init)[0]).includes('"tier":2')).toBe(true);
      writeConfig(init.home, PERSONAL_FILE, { tier: 1 });
      backend.gate.set('up');
      await expectOnly(await runRecorder(init, { first: 100 }));
      expect(await backend.people()).toEqual([]);
    }, 60_000);

    test('an opt-out while a process runs keeps what that process recorded before from everyone', async () => {
      await recordOffline();
      const running = runRecorder(init, { first: 20, turns: 40, flushEvery: 10, flushMs: 200, pauseMs: 20 });
      await command(init, ['untrust', init.cwd]);
      const { instance } = await running;
      // What the process stores after the opt-out waits for the next start, which sees the same opt-out.
      await launchWith(init, { CCXRAY_OTEL_TIER: '0' });
      expect(pendingFiles(init)).toEqual([]);
      backend.gate.set('up');
      const last = await runRecorder(init, { first: 100 });
      expect((await backend.sums()).has(instance)).toBe(false);
      await expectOnly(last);
    }, 60_000);
  });
}

/** A process that starts with other variables, and ends. */
async function launchWith(init, env) {
  await runRecorder({ ...init, env: { ...init.env, ...env } }, { turns: 0 });
}

async function command({ cwd, home, env }, argv) {
  expect(await call(argv, { cwd, home, env })).toMatchObject({ code: 0 });
}

function writeConfig(directory, name, otel) {
  fs.writeFileSync(path.join(directory, name), JSON.stringify({ otel }));
}
