'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { hostLab } = require('../../testkit/host/lab');

const { collector, host, project, underWay } = hostLab();

/** A running hub of a user who has turned metrics on, with a collector. */
async function hubOfUser() {
  const own = await collector();
  const home = project();
  fs.writeFileSync(path.join(home, '.ccxray.user.json'), JSON.stringify({ otel: { tier: 1, endpoint: own.endpoint } }));
  return { running: await host({ hub: true, home }), own };
}

describe('a turn that names no client is not counted', () => {
  test('from the moment at which a client with a veto starts', async () => {
    const { running, own } = await hubOfUser();
    await running.agent().claude();
    const vetoed = await running.client({ env: { DO_NOT_TRACK: '1' } });
    await running.agent().claude();
    await vetoed.leave();
    await running.agent().claude();
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect(sumOf(own.series(), TURNS)).toBe(2);
  });

  test('if it has begun while a client with a veto was running', async () => {
    const { running, own } = await hubOfUser();
    const vetoed = await running.client({ env: { DO_NOT_TRACK: '1' } });
    const answers = await underWay(1, () => [running.agent().claude({ metadata: { delay_ms: 500 } })]);
    await vetoed.leave();
    await Promise.all(answers);
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect(sumOf(own.series(), TURNS)).toBe(0);
  });
});
