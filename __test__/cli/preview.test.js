'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const { approved, asked, MORE } = require('../../testkit/cli/approval');
const { call } = require('../../testkit/cli/call');
const { hasTerminal, onTerminal } = require('../../testkit/cli/terminal');
const { requestOf, toolTurn } = require('../../testkit/drift/turns');
const { responseWith, turn } = require('../../testkit/entries/turn');
const { writeLogs } = require('../../testkit/history');
const { asks } = require('../../testkit/notice');
const { listening } = require('../../testkit/receiver/loopback');
const { projects } = require('../../testkit/scratch/projects');
const { syntheticDay } = require('../../demo/traffic/day');

const CLI = path.join(__dirname, '..', '..', 'cli.js');
const FAR = 'https://otlp.example';
const SECRET = `ghp_${'A1b2C3d4'.repeat(5)}`;
const CANARY = 'value-that-must-not-be-shown';
const DAY = 86_400_000;

const { project, homeWith } = projects();

/** A home for each test. */
let home;

beforeEach(() => {
  home = homeWith({});
});

const cli = (argv, cwd, more) => call(argv, { cwd, home, ...more });
const logs = () => path.join(home, '.ccxray', 'logs');

/** Writes turns that call these tools, with one id each. */
function turnsWith(tools, fields = {}) {
  const turns = tools.map((tool, i) => ({ line: JSON.stringify({ ...JSON.parse(toolTurn(tool)), id: `t${i}-${tool.length}`, receivedAt: Date.now(), ...fields }) }));
  writeLogs(logs(), turns);
}

/** The size after compression depends on the times in the request. */
function withoutSize(text) {
  return text.replace(/about [\d,]+/, '');
}

/** The path, the size and the time of every file below a directory. */
function tree(directory) {
  const entries = fs.readdirSync(directory, { withFileTypes: true, recursive: true });
  const rows = entries.map((entry) => {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const { size, mtimeMs } = fs.statSync(file);
    return `${file} ${size} ${mtimeMs}`;
  });
  rows.sort();
  return rows;
}

describe('before anything is enabled', () => {
  test('a summary shows what would be sent, and what would be replaced', async () => {
    turnsWith(['Bash', 'AcmeDeploy', SECRET]);
    const { code, stdout, stderr } = await cli(['preview'], project());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of [
      /^Computed from your logs, as if one process had counted all of them: 3 turns of$/m,
      /^Nothing is sent now\. Telemetry is off: no config file turns it on\. To start:$/m,
      /^To +nowhere yet: no endpoint is set$/m,
      /^As +http\/protobuf, gzip, cumulative sums$/m,
      /^Each +every 60 s: 1 request with \d+ series, [\d,]+ bytes \(about [\d,]+ compressed\)$/m,
      /^Tier +1, anonymous$/m,
      /^ {2}service\.instance\.id +random, new at each start$/m,
      /^ {2}tools: Bash$/m,
      /^ {2}tool AcmeDeploy → custom \(not in a catalog\)$/m,
      /^ {2}1 tool not shown here → custom \(not in a catalog; looks like a secret, a path$/m,
      /^Never sent\n {2}prompts, answers, code,/m,
      /^The request itself: ccxray-otel preview --json$/m,
    ]) expect(stdout).toMatch(line);
    expect(stdout).not.toContain(SECRET);
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes(home))).toEqual([]);
  });

  test('without logs it shows what is always sent', async () => {
    const { code, stdout } = await cli(['preview'], project({ tier: 1, endpoint: FAR, team: 'payments' }));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^There are no logs in .* yet,/);
    expect(stdout).toMatch(/^Nothing is sent now\. You have not approved this project yet\.$/m);
    expect(stdout).toMatch(/^To +https:\/\/otlp\.example\/v1\/metrics$/m);
    expect(stdout).toMatch(/^ {2}team +payments$/m);
    expect(stdout).not.toMatch(/^Published names/m);
  });

  test('nothing is sent, written or approved, and no variable of the project is read', async () => {
    turnsWith(['Bash', 'AcmeDeploy']);
    const connections = [];
    const server = http.createServer().on('connection', (socket) => {
      connections.push(socket);
      socket.destroy();
    });
    await listening(server);
    try {
      const endpoint = `http://127.0.0.1:${server.address().port}`;
      const cwd = project({ tier: 2, endpoint, headers: { authorization: 'Bearer ${CANARY}', 'x-other': '${NOT_SET}' }, team: '${CANARY}', known_names: ['${CANARY}'] });
      const before = [tree(home), tree(cwd)];
      const printed = [];
      for (const argv of [[], ['--json'], ['--tier', '2'], ['--names', 'all', '--json'], ['--diff', 'tier=2'], ['--diff', 'names=all', '--json']]) {
        const { code, stdout, stderr } = await cli(['preview', ...argv], cwd, { env: { CANARY, OTEL_EXPORTER_OTLP_HEADERS: `x=${CANARY}` } });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        printed.push(stdout);
      }
      expect([tree(home), tree(cwd)]).toEqual(before);
      expect(connections).toEqual([]);
      expect(printed.join('')).not.toContain(CANARY);
      expect(printed[0]).toMatch(/^ {2}team +\*\*\*$/m);
      expect((await cli(['check'], cwd)).code).toBe(3);
    } finally {
      server.close();
    }
  });

  test.each(['DO_NOT_TRACK', 'OTEL_SDK_DISABLED'])('%s is said to keep telemetry off', async (variable) => {
    const { code, stdout } = await cli(['preview'], project({ tier: 1, endpoint: FAR }), { env: { [variable]: '1' } });
    expect(code).toBe(0);
    expect(stdout).toContain(`Nothing is sent now. Telemetry is off: ${variable} is set.`);
  });
});

describe('what if', () => {
  test.each([
    ['the config', { tier: 1 }, [], ['custom', 'not_in_catalog']],
    ['known_names', { tier: 1, known_names: ['AcmeDeploy'] }, [], ['AcmeDeploy', 'known_name']],
    ['names: all', { tier: 1 }, ['--names', 'all'], ['AcmeDeploy', 'all_names']],
    ['tier 2', { tier: 1 }, ['--tier', '2'], ['AcmeDeploy', 'all_names']],
    ['tier 1 of a project with all names', { tier: 1, names: 'all' }, ['--names', 'known'], ['custom', 'not_in_catalog']],
  ])('%s: the name of a tool', async (_, config, argv, [sent, reason]) => {
    turnsWith(['AcmeDeploy']);
    const cwd = project({ endpoint: 'http://127.0.0.1:9', ...config });
    const { stdout } = await cli(['preview', ...argv], cwd);
    if (reason === 'not_in_catalog') expect(stdout).toContain('\n  tool AcmeDeploy → custom (not in a catalog)\n');
    else expect(stdout).toMatch(/^Names of your own that are sent \((tier 2|"names": "all"|known_names)\)\n {2}tools: AcmeDeploy$/m);
    const json = JSON.parse((await cli(['preview', '--json', ...argv], cwd)).stdout);
    const values = JSON.stringify(json).match(/"key":"tool","value":\{"stringValue":"(\w+)"/);
    expect(values[1]).toBe(sent);
  });

  test('a name at tier 2 is the user\'s own, or stands for it', async () => {
    expect((await cli(['preview', '--tier', '2'], project())).stdout).toMatch(/^ {2}enduser\.id +\(your name\)$/m);
    home = homeWith({ tier: 2, identity: 'mika' });
    expect((await cli(['preview', '--tier', '2'], project({ tier: 1, endpoint: FAR }))).stdout).toMatch(/^ {2}enduser\.id +mika$/m);
  });

  test('private names are not shown, and names beyond the limit are named', async () => {
    turnsWith([SECRET, ...Array.from({ length: 55 }, (_, i) => `tool_${i}`)]);
    const { stdout } = await cli(['preview', '--names', 'all', '--all'], project());
    expect(stdout).toContain('1 tool not shown here → redacted (looks like a secret, a path or an address)');
    expect(stdout.match(/^ {2}tool tool_\d+ → _overflow_ \(more names than the limit of the attribute\)$/gm)).toHaveLength(6);
    expect(stdout).toMatch(/^More values than the limit of their attribute, sent as _overflow_\n {2}tool of ccxray\.tool\.invocations_total$/m);
    expect(stdout).not.toContain(SECRET);
  });

  test('a long list is cut, and --all shows the rest', async () => {
    turnsWith(Array.from({ length: 30 }, (_, i) => `tool_${i}`));
    const cut = (await cli(['preview'], project())).stdout;
    expect(cut).toContain('… and 10 more (--all shows them)');
    expect(cut.match(/tool_\d+ →/g)).toHaveLength(20);
    const { stdout } = await cli(['preview', '--all'], project());
    expect(stdout).not.toContain('more (--all');
    expect(stdout.match(/tool_\d+ →/g)).toHaveLength(30);
  });

  test('another project is named in two ways', async () => {
    const [cwd, other] = [project(), project({ tier: 1, endpoint: FAR, project: 'shop' })];
    const { stdout } = await cli(['preview', '--project', other], cwd);
    expect(stdout).toMatch(/^ {2}project\.name +shop$/m);
    expect(withoutSize((await cli(['preview', other], cwd)).stdout)).toBe(withoutSize(stdout));
  });
});

test('a name that is the value of a variable is masked', async () => {
  turnsWith(['AcmeDeploy']);
  const cwd = project({ tier: 1, endpoint: 'http://127.0.0.1:9', known_names: ['${NAME}'] });
  const env = { NAME: 'AcmeDeploy', CCXRAY_OTEL_TRUST: '1' };
  const [summary, json] = [await cli(['preview'], cwd, { env }), await cli(['preview', '--json'], cwd, { env })];
  expect(summary.stdout).toMatch(/^ {2}tools: \*\*\*$/m);
  expect(summary.stdout + json.stdout).not.toContain('AcmeDeploy');
  expect(json.stdout).toContain('"***"');
});

describe('the difference', () => {
  test('to tier 2 is the user\'s name and the names of tools', async () => {
    turnsWith(['Bash', 'AcmeDeploy', SECRET]);
    const { code, stdout } = await cli(['preview', '--diff', 'tier=2'], project());
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Your config {2}tier 1, names known: every 60 s:/m);
    expect(stdout).toMatch(/^Instead {6}tier 2: at most once an hour:/m);
    expect(stdout).toMatch(/^Added\n {2}resource attribute enduser\.id: \(your name\)$/m);
    expect(stdout).toMatch(/^ {2}tool AcmeDeploy: custom → AcmeDeploy$/m);
    expect(stdout).toMatch(/^ {2}1 name that may be private and is not shown here$/m);
    expect(stdout).not.toContain(SECRET);
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes(home))).toEqual([]);
  });

  test('as JSON has each part', async () => {
    turnsWith(['Bash', 'AcmeDeploy']);
    const { stdout } = await cli(['preview', '--diff', 'names=all', '--json'], project());
    expect(JSON.parse(stdout)).toEqual({
      before: { tier: 1, names: 'known' }, after: { tier: 1, names: 'all' },
      resource: { added: {}, removed: {} }, attributes: { added: [], removed: [] }, metrics: { added: [], removed: [] },
      names: [{ kind: 'tool', name: 'AcmeDeploy', before: 'custom', after: 'AcmeDeploy' }],
    });
  });

  test('to the same is nothing', async () => {
    expect((await cli(['preview', '--diff', 'tier=1'], project())).stdout).toMatch(/^The same is sent\.$/m);
  });
});

describe('the logs', () => {
  test('can be elsewhere, and from a time on', async () => {
    const elsewhere = path.join(project(), 'logs');
    const old = { line: turn({ id: 'old', receivedAt: Date.now() - 8 * DAY }) };
    writeLogs(elsewhere, [old, { line: turn({ id: 'new' }) }, { line: '{"id":"x","imported":true}' }, { line: '{"id":' }]);
    const all = await cli(['preview', '--logs', elsewhere], project());
    expect(all.stdout).toContain('2 turns');
    expect(all.stdout).toMatch(/^Lines left out: 1 imported, 1 not JSON$/m);
    expect((await cli(['preview', '--logs', elsewhere, '--since', '7d'], project())).stdout).toMatch(/: 1 turn\s+since\s+7d\s/);
  });

  test('are read with requests and responses', async () => {
    writeLogs(logs(), [
      { line: turn({ id: 'a' }), parts: { request: requestOf('<command-message>pdf</command-message>'), response: responseWith('Bash') } },
      { line: turn({ id: 'b' }) },
    ]);
    const { stdout } = await cli(['preview'], project());
    expect(stdout).toContain('Not in your logs: rate-limit headers, the response of 1 turn, the request of 1');
    expect(stdout).toMatch(/^ {2}tools: Bash$/m);
    expect(stdout).toMatch(/^ {2}skills: pdf$/m);
  });

  test.each([
    [['--tier', '0'], '--tier: "0" is not a tier that sends anything. Use 1 or 2.'],
    [['--names', 'some'], '--names: "some" is not a choice of names. Use known or all.'],
    [['--diff', 'tier=3'], '--diff: "tier=3" is not a change. Use tier=1, tier=2, names=known or names=all.'],
    [['--since', 'yesterday'], '--since: "yesterday" is not a time. Use 7d, 12h, 30m or a date such as 2026-11-01.'],
  ])('%j is wrong usage', async (argv, message) => {
    expect(await cli(['preview', ...argv], project())).toEqual({ code: 2, stdout: '', stderr: `${message} See: ccxray-otel preview --help\n` });
  });

  test('that do not exist are wrong usage, and a broken config is 1', async () => {
    expect(await cli(['preview', '--logs', 'none'], project())).toMatchObject({ code: 2, stderr: expect.stringMatching(/^--logs: no such directory: /) });
    expect(await cli(['preview', '--project', 'none'], project())).toMatchObject({ code: 2, stderr: expect.stringMatching(/none is not a directory\./) });
    expect(await cli(['preview'], project('{'))).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/\.ccxray\.json:1:1: This is not valid JSON/) });
    expect(await cli(['preview'], project({ tier: 1, endpoint: 'localhost:4318' }))).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Write "http://localhost:4318"') });
  });
});

describe('the question whether to approve', () => {
  test('shows a short summary', async () => {
    turnsWith(['Bash', 'AcmeDeploy']);
    const cwd = project({ tier: 1, endpoint: FAR });
    const { code, stdout, stderr } = await cli(['trust'], cwd, { answers: ['y'] });
    expect({ code, stdout }).toEqual({ code: 0, stdout: approved(cwd, asks(FAR), home) });
    const shown = stderr.slice(asked(cwd, asks(FAR)).length).split('\n');
    expect(shown[0]).toBe('It would send this, computed from the newest 2 turns in your logs:');
    expect(stderr).toMatch(/^ {2}Every 60 s: 1 request with \d+ series/m);
    expect(stderr).toMatch(/^ {2}Published names: .*1 tool/m);
    expect(stderr).toMatch(/^ {2}Replaced names: tool AcmeDeploy → custom$/m);
    expect(stderr).toMatch(/^See exactly what: ccxray-otel preview\nApprove\? \[y\/N\] $/m);
    expect(shown.length).toBeLessThanOrEqual(15);
  });

  test('links to the preview if there are no logs', async () => {
    const cwd = project({ tier: 1, endpoint: FAR });
    const { stderr } = await cli(['trust'], cwd, { answers: ['n'] });
    expect(stderr).toContain(`${asked(cwd, asks(FAR))}${MORE}Approve? [y/N] `);
  });
});

(hasTerminal() ? test : test.skip)('a terminal shows the progress of long work', async () => {
  const turns = [...syntheticDay({ turns: 2000, seed: 5 })];
  writeLogs(logs(), turns.map(({ line }) => ({ line })));
  const { code, shown } = await onTerminal([process.execPath, CLI, 'preview', project()], { env: { HOME: home }, answer: () => undefined });
  expect(code).toBe(0);
  expect(shown).toMatch(/\rReading your logs: \d+ of 2\d{3} turns/);
  expect(shown).toContain('Names that are replaced');
});
