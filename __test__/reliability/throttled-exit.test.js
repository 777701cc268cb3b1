'use strict';

const { run } = require('../../testkit/process/run');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { projects } = require('../../testkit/scratch/projects');

const { homeWith } = projects();
const collectors = badCollectors();

/** How long a process may take to end, and what eight at once on a loaded machine may add to it. */
const EXIT_LIMIT_MS = 2000 + 3000;
const PROCESSES = 8;

jest.setTimeout(60_000);

describe.each(['shutdown', 'shutdownSync', 'exit'])('eight processes that end with %s', (way) => {
  let isThrottled = true;
  const start = async () => {
    const endpoint = await collectors.answering((response) => {
      if (isThrottled) response.writeHead(429, { 'retry-after': '3600' }).end();
      else response.writeHead(200).end();
    });
    return (home) => run('children/leave.js', [way, endpoint, home], { env: { HOME: home }, withinMs: 30_000 });
  };

  test('do not wait for a Retry-After of an hour, and the next launch is not throttled', async () => {
    isThrottled = true;
    const leave = await start();
    const homes = Array.from({ length: PROCESSES }, () => homeWith({}));
    const ended = await Promise.all(homes.map(async (home) => {
      const child = await leave(home);
      return { ...child, endedAt: Date.now() };
    }));
    for (const { code, signal, stdout, stderr, endedAt } of ended) {
      expect({ code, signal, stderr: stderr.replace(/^ccxray-otel: on .*\n/, '') }).toEqual({ code: 0, signal: null, stderr: '' });
      const [leftAt, exports] = stdout.split('\n');
      expect(endedAt - Number(leftAt)).toBeLessThan(EXIT_LIMIT_MS);
      const { delivered, failed, dropped } = JSON.parse(exports);
      expect({ delivered, hasFailed: failed > 0 }).toEqual({ delivered: 0, hasFailed: true });
      // It is in a file, from which the next launch delivers it.
      if (way !== 'exit') expect(dropped.shutdown).toBe(0);
    }
    isThrottled = false;
    const { stdout } = await leave(homes[0]);
    const { delivered, failed } = JSON.parse(stdout.split('\n')[1]);
    expect({ isDelivered: delivered > 0, failed }).toEqual({ isDelivered: true, failed: 0 });
  });
});
