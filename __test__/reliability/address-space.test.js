'use strict';

const path = require('node:path');
const { spawnSync } = require('node:child_process');

const { projects } = require('../../testkit/scratch/projects');

const ADDON = path.join(__dirname, '..', '..');
const { project } = projects();
/** So Node itself needs little: no generated code, and a small heap. */
const SMALL = ['--jitless', '--max-old-space-size=64'];

/** A host that hands over 40 entries of 20 MB. It prints what it was told about them. */
function host(home) {
  const options = { cwd: home, home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } };
  return `const addon = require(${JSON.stringify(ADDON)}); addon.init(${JSON.stringify(options)});
    const entry = JSON.stringify({ provider: 'anthropic', x: 'y'.repeat(20 << 20) });
    (async () => {
      for (let i = 0; i < 40; i++) { addon.record(entry); await new Promise((r) => setTimeout(r, 5)); }
      const { state, reason, entries } = addon.status();
      require('fs').writeSync(1, JSON.stringify({ state, reason, entries })); process.exit(0);
    })();`;
}

/** What a process with that much address space prints. */
function under(megabytes, script) {
  const limited = ['-c', `ulimit -v ${Math.round(megabytes * 1000)} && exec "$@"`, 'bash', process.execPath, ...SMALL, '-e', script];
  const { stdout, stderr, signal } = spawnSync('bash', limited, { encoding: 'utf8', timeout: 25_000 });
  return { stdout, stderr, signal };
}

const here = process.platform === 'linux' ? test : test.skip;

describe('a limit on the address space', () => {
  here.each([760, 840, 900, 960, 1020, 1100, 1200, 1300, 1500, 1800])('of %i MB kills no host that hands over large entries', (megabytes) => {
    // Some versions of Node need more for themselves.
    if (!under(megabytes, 'console.log(1)').stdout) return;
    const { stdout, stderr, signal } = under(megabytes, host(project()));
    expect({ signal, stderr: signal && stderr }).toEqual({ signal: null, stderr: null });
    const { accepted, rejected, processed, queued, dropped } = JSON.parse(stdout).entries;
    const lost = Object.values(dropped).reduce((sum, count) => sum + count);
    expect(accepted + rejected).toBe(40);
    // One more is being read.
    expect(accepted - processed - queued - lost).toBeLessThanOrEqual(1);
  });

  here('that leaves no room for threads is the reason why nothing is sent', () => {
    const { stdout, stderr } = under(900, host(project()));
    const { state, reason, entries } = JSON.parse(stdout);
    expect({ state, rejected: entries.rejected }).toEqual({ state: 'degraded', rejected: 40 });
    expect(reason).toContain('ulimit -v');
    expect(stderr).toContain(`ccxray-otel: nothing is sent: ${reason}`);
  });
});
