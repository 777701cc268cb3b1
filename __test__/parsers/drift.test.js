'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { addonProcesses } = require('../../testkit/drift/processes');
const { countsOf, line, NAME, totalOf } = require('../../testkit/drift/log-file');
const { events, grownTurn, ODD_TURNS, requestOf, toolTurn } = require('../../testkit/drift/turns');
const { PROJECT_FILE } = require('../../testkit/scratch/projects');
const { responseWith, sumOf, turn } = require('../../testkit/entries/turn');

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** How many anomalies wait for the file, and how many fit into one file. */
const [MAX_WAITING, MAX_KINDS] = [256, 500];
/** A part of every private text, for which the tests search. */
const CANARY = 'canary7f3a';

/** Windows has no file modes. */
const onUnix = process.platform === 'win32' ? test.skip : test;

const around = addonProcesses();
const { launch, plan, options, project } = around;

describe('an anomaly is one line:', () => {
  test.each(ODD_TURNS)('%s %s', async (category, token, args) => {
    const began = Date.now();
    await launch([args]);
    const lines = around.log.lines();
    expect(countsOf(lines)).toEqual({ [`${category} ${token ?? '-'}`]: 1 });
    const [{ firstSeen, lastSeen, ...rest }] = lines;
    expect(rest).toEqual({ category, provider: 'anthropic', ...(token && { token }), count: 1 });
    for (const time of [firstSeen, lastSeen]) {
      expect(time).toMatch(RFC_3339);
      expect(Date.parse(time)).toBeGreaterThanOrEqual(began);
      expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
    }
  });

  test('an unreadable entry has no provider', async () => {
    await launch([['{"id":']]);
    expect(around.log.lines()).toEqual([expect.objectContaining({ category: 'unreadable', provider: 'other', token: 'entry', count: 1 })]);
  });

  test('a turn can have several', async () => {
    await launch([[turn({ model: 'acme-7b', stopReason: 'acme_stop', turnToolCalls: { acme_deploy: 1, acme_refund: 2 } })]]);
    expect(countsOf(around.log.lines())).toEqual({ 'model acme-7b': 1, 'stop_reason acme_stop': 1, 'tool acme_deploy': 1, 'tool acme_refund': 2 });
  });

  test('each provider has its own', async () => {
    const codex = turn({ provider: 'openai', agent: 'codex', agentKey: 'default', model: 'gpt-5.5', stopReason: 'completed', turnToolCallIds: { call_1: 'acme_deploy' } });
    await launch([[toolTurn('acme_deploy')], [codex]]);
    const tools = around.log.lines().filter(({ category }) => category === 'tool');
    expect(tools.map(({ provider, token, count }) => ({ provider, token, count }))).toEqual([
      { provider: 'anthropic', token: 'acme_deploy', count: 1 }, { provider: 'openai', token: 'acme_deploy', count: 1 },
    ]);
  });
});

describe('tokens that differ', () => {
  const rates = { input: 3, output: 15 };

  test('are in the line with the sums of both sides', async () => {
    await launch([grownTurn({ cost: { cost: 0.00033, rates } }), grownTurn()]);
    await launch([grownTurn()]);
    const found = Object.fromEntries(around.log.lines().map(({ token, count, differences }) => [token, { count, differences }]));
    expect(found).toEqual({
      token_sum: { count: 3, differences: [{ figure: 'input', turns: 3, ccxray: 300, response: 900 }] },
      cost: { count: 1, differences: [{ figure: 'cost', turns: 1, ccxray: 0.00033, response: 0.00093 }] },
    });
  });

  test('are added to a line of an older version', async () => {
    around.log.put([line('token_sum', { category: 'mismatch', count: 7 })]);
    await launch([grownTurn()]);
    expect(around.log.lines()).toEqual([expect.objectContaining({ count: 8, differences: [{ figure: 'input', turns: 1, ccxray: 100, response: 300 }] })]);
  });
});

describe('a repeated anomaly', () => {
  test('increases the count and updates the time', async () => {
    await plan([['init', options()], ['record', toolTurn('acme_deploy')], ['flush'], ['wait', 30], ['record', toolTurn('acme_deploy', 2)], ['flush'], ['shutdown']]);
    const [{ firstSeen, lastSeen, ...rest }, ...others] = around.log.lines();
    expect([rest, others]).toEqual([{ category: 'tool', provider: 'anthropic', token: 'acme_deploy', count: 3 }, []]);
    expect(Date.parse(lastSeen) - Date.parse(firstSeen)).toBeGreaterThanOrEqual(30);
  });

  test('does so in another process, too', async () => {
    await launch([[toolTurn('acme_deploy')]]);
    const [before] = around.log.lines();
    await launch([[toolTurn('acme_deploy')], [toolTurn('acme_refund')]]);
    const [after] = around.log.lines();
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 2, 'tool acme_refund': 1 });
    expect(after).toEqual({ ...before, count: 2, lastSeen: after.lastSeen });
    expect(Date.parse(after.lastSeen)).toBeGreaterThan(Date.parse(before.lastSeen));
  });
});

describe('the version of the agent', () => {
  test.each([
    ['has three numbers and no fingerprint', 'x-anthropic-billing-header: cc_version=2.1.81.df2; cc_entrypoint=cli;', '2.1.81'],
    ['has three numbers even with a numeric fingerprint', 'cc_version=2.1.81.904;', '2.1.81'],
    ['has three numbers without a fingerprint', 'cc_version=2.1.81', '2.1.81'],
    ['is omitted if it is not numeric', 'cc_version=2.df2.1;', undefined],
    ['is omitted if it has two numbers', 'cc_version=2.1;', undefined],
    ['is omitted if it is too long', `cc_version=${'1'.repeat(40)}.2.3;`, undefined],
  ])('%s', async (_, head, agentVersion) => {
    await launch([[toolTurn('acme_deploy'), { request: requestOf('hi', head) }]]);
    const [first, ...others] = around.log.lines();
    expect([first.agentVersion, others]).toEqual([agentVersion, []]);
    expect(around.log.text()).not.toMatch(/df2|904|1111/);
  });

  test('distinguishes anomalies', async () => {
    const versions = ['2.1.81.df2', '2.1.82.aaa', '2.1.81.e01'];
    await launch(versions.map((version) => [toolTurn('acme_deploy'), { request: requestOf('hi', `cc_version=${version};`) }]));
    expect(around.log.lines().map(({ agentVersion, count }) => [agentVersion, count])).toEqual([['2.1.81', 2], ['2.1.82', 1]]);
  });
});

describe('no line contains', () => {
  /** Private texts in the place of a name. */
  const rows = [
    ['a sentence', `please find out why ${CANARY} fails`],
    ['an absolute path', `/srv/${CANARY}/plan.md`],
    ['a path in a home', `/home/${CANARY}/src/main.rs`],
    ['a path in a home, without its slash', `home/${CANARY}/src/main.rs`],
    ['a path with a tilde', `~/.ssh/${CANARY}`],
    ['a path on Windows', `C:\\Users\\${CANARY}\\plan.docx`],
    ['a path in the project', `./src/${CANARY}.rs`],
    ['an e-mail address', `${CANARY}@corp.example`],
    ['a URL', `https://${CANARY}.example/orders`],
    ['a URL with a password', `https://me:${CANARY}@corp.example/x`],
    ['a token of Anthropic', `sk-ant-api03-${CANARY}${CANARY}`],
    ['a token of GitHub', `ghp_${CANARY}${CANARY}${CANARY}x`],
    ['a key of AWS', `AKIA${CANARY.toUpperCase()}XXXXXX`],
    ['a bearer token', `Bearer ${CANARY}`],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`],
    ['a command', `rm -rf ${CANARY} && reboot`],
    ['JSON', `{"message":"${CANARY}"}`],
    ['other scripts', `漢字${CANARY}😀`],
    ['terminal control characters', `${CANARY}\u001b[2J\r\n`],
    ['bidirectional control characters', `${CANARY}\u202egnp.exe`],
    ['a long text without spaces', `${'x'.repeat(60)}${CANARY}`],
    ['a text with separators', `${CANARY}|x|y`],
  ];

  test.each(rows)('%s, only its hash', async (_, name) => {
    const records = [
      [turn({ stopReason: name })],
      [turn({ model: name })],
      [turn({ agentKey: name })],
      [toolTurn(name)],
      [turn({ isSSE: true }), { response: events({ type: name }) }],
    ];
    await launch(records);
    const lines = around.log.lines();
    const seen = new Set(lines.map(({ category }) => category));
    expect([...seen]).toEqual(expect.arrayContaining(['agent_type', 'model', 'stop_reason', 'tool', 'wire']));
    expect(lines.filter(({ token }) => token !== undefined)).toEqual([]);
    for (const { hash } of lines) expect(hash).toMatch(/^sha256:[0-9a-f]{12}$/);
    expect(around.log.text().toLowerCase()).not.toContain(CANARY);
  });

  test('a relative path, except for a model route', async () => {
    const name = `src/${CANARY}/invoice.rs`;
    await launch([[turn({ stopReason: name })], [turn({ agentKey: name })], [toolTurn(name)], [turn({ model: 'acme/own-7b' })]]);
    const tokens = around.log.lines().flatMap(({ category, token }) => (token === undefined ? [] : [[category, token]]));
    expect(tokens).toEqual([['model', 'acme/own-7b']]);
  });

  test('any content of a conversation', async () => {
    const text = (n) => `${CANARY}-${n}`;
    const input = { command: text(1), file_path: `/home/${text(2)}`, description: text(3) };
    const content = [{ type: 'text', text: text(4) }, { type: 'tool_use', id: text(5), name: 'acme_deploy', input }];
    const response = JSON.stringify({ type: 'message', id: text(6), content, stop_reason: 'tool_use', usage: { input_tokens: 1, output_tokens: 2 } });
    const request = requestOf(`${text(7)} <command-message>${text(8)}`, `cc_version=2.1.81.df2; ${text(9)}`);
    const entry = turn({ id: text(10), sessionId: text(11), title: text(12), cwd: `/home/${text(13)}`, stopReason: 'tool_use', turnToolCalls: { acme_deploy: 1 } });
    await launch([[entry, { request, response, headers: { 'request-id': text(14) } }]]);
    expect(countsOf(around.log.lines())).toEqual({ 'skill_marker -': 1, 'tool acme_deploy': 1 });
    expect(around.log.text()).not.toContain(CANARY);
  });

  test('different names as one, or one name as two', async () => {
    const names = ['no such thing', 'no other thing', 'no such thing'];
    await launch(names.map((stopReason) => [turn({ stopReason })]));
    const lines = around.log.lines();
    expect(new Set(lines.map(({ count }) => count))).toEqual(new Set([1, 2]));
    expect(lines).toHaveLength(2);
  });
});

describe('the log is', () => {
  onUnix('private to its owner', async () => {
    await launch([[toolTurn('acme_deploy')]]);
    expect([NAME, 'parser-drift.lock', '.'].map(modeOf)).toEqual([0o600, 0o600, 0o700]);
  });

  onUnix.each([0o644, 0o666, 0o640])('private even if it was not before (%i)', async (mode) => {
    around.log.put([line('acme_old')]);
    fs.chmodSync(around.log.file, mode);
    await launch([[toolTurn('acme_deploy')]]);
    expect(modeOf(NAME)).toBe(0o600);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 1, 'tool acme_old': 1 });
  });

  test('the only new file besides its lock file', async () => {
    await launch([[turn()]]);
    const usual = fs.readdirSync(around.log.directory);
    await launch([[toolTurn('acme_deploy')]]);
    const names = fs.readdirSync(around.log.directory);
    expect(new Set(names)).toEqual(new Set([...usual, NAME, 'parser-drift.lock']));
    expect(fs.readdirSync(around.home)).toEqual(['.ccxray']);
  });

  test('in the directory of CCXRAY_HOME', async () => {
    const elsewhere = path.join(project(), 'own');
    await launch([[toolTurn('acme_deploy')]], options({ CCXRAY_HOME: elsewhere }));
    expect(fs.readdirSync(elsewhere)).toContain(NAME);
    expect(fs.readdirSync(around.home)).toEqual([]);
  });
});

describe('nothing is written', () => {
  test.each([
    ['at tier 0', () => options({ CCXRAY_OTEL_TIER: '0' })],
    ['without any setting', () => ({ cwd: around.home, home: around.home, env: {} })],
    ['with DO_NOT_TRACK', () => options({ DO_NOT_TRACK: '1' })],
    ['if the project sets tier 0', () => configured({ tier: 0 })],
  ])('%s', async (_, given) => {
    const [state, ...taken] = await launch(ODD_TURNS.map(([, , args]) => args), given());
    expect(state).toBe('disabled');
    expect(taken.slice(0, ODD_TURNS.length)).toEqual(ODD_TURNS.map(() => false));
    expect(fs.readdirSync(around.home).filter((name) => name !== PROJECT_FILE)).toEqual([]);
  });

  test('about a project without telemetry', async () => {
    const off = project({ tier: 0 });
    await launch([[toolTurn('acme_private'), { cwd: off }], [toolTurn('acme_deploy')]]);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 1 });
  });

  test('if the project disables the log', async () => {
    const [state] = await launch(ODD_TURNS.map(([, , args]) => args), configured({ tier: 1, log: { enabled: false } }));
    expect(state).toBe('active');
    expect(around.log.exists()).toBe(false);
  });

  test('unless the project enables the log', async () => {
    await launch([[toolTurn('acme_deploy')]], configured({ tier: 1, log: { enabled: true } }));
    expect(around.log.lines()).toHaveLength(1);
  });

  test('without an anomaly', async () => {
    const usual = [turn(), { request: requestOf('hi', 'cc_version=2.1.81.df2;') }];
    await launch([usual, [turn({ stopReason: 'tool_use', turnToolCalls: { Bash: 1 } }), { response: responseWith('Bash') }], [turn({ isSSE: true }), { response: events() }]]);
    expect(around.log.exists()).toBe(false);
  });

  test('about names in known_names', async () => {
    const written = configured({ tier: 1, known_names: ['acme_deploy', 'acme-7b', 'acme-captain'] });
    const given = { ...written, env: { CCXRAY_OTEL_TRUST: '1' } };
    await launch([[toolTurn('acme_deploy')], [turn({ model: 'acme-7b', agentKey: 'acme-captain' })], [toolTurn('acme_refund')]], given);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_refund': 1 });
  });
});

test('exports contain counts, but no name and no hash', async () => {
  const sentence = 'went away from acme';
  await launch([...ODD_TURNS.map(([, , args]) => args), [turn({ stopReason: sentence })], [toolTurn('mcp__acme__refund')]]);
  const lines = around.log.lines();
  expect(lines).toHaveLength(ODD_TURNS.length + 1);
  const sent = around.requests.join('\n');
  expect(sent).toContain('ccxray.');
  // All other values come from this package.
  const names = lines.flatMap(({ token, hash }) => [token, hash?.slice('sha256:'.length)]).filter((name) => name !== undefined && !/^(request|response|token_sum|tool_count)$/.test(name));
  expect(names.length).toBeGreaterThan(6);
  expect(names.filter((name) => sent.includes(name))).toEqual([]);
  expect(sent).not.toMatch(/acme|never closed|sha256|parser-drift/);
  const tools = around.receiver.series().filter(({ attributes }) => attributes.tool !== undefined).map(({ attributes }) => attributes.tool);
  expect(tools).toContain('custom');
  expect(sumOf(around.receiver.series(), 'ccxray.parser.unknown_tool_total')).toBeGreaterThan(0);
});

describe('the size of the log is limited:', () => {
  test('3,000 unknown tools become a few hundred lines', async () => {
    await plan([['init', options()], ['recordTools', 'acme_', 1500], ['flush'], ['recordTools', 'other_', 1500], ['flush'], ['shutdown']]);
    expect(totalOf(around.log.allLines())).toBe(3000);
    for (const name of around.log.names()) expect(linesIn(name)).toBeLessThanOrEqual(MAX_KINDS + 10);
    expect(around.log.allLines().length).toBeLessThan(MAX_KINDS + MAX_WAITING);
    expect(around.log.allLines().map(({ token }) => token)).toContain('_overflow_');
  });

  test('a full log is rotated, and three files are kept', async () => {
    const [runs, tools] = [12, 240];
    for (let i = 0; i < runs; i += 1) {
      await plan([['init', options()], ['recordTools', `acme${i}_`, tools], ['flush'], ['shutdown']]);
      if (i === 1) expect(around.log.names()).toEqual([NAME]);
    }
    expect(around.log.names()).toEqual([NAME, `${NAME}.1`, `${NAME}.2`, `${NAME}.3`]);
    for (const name of around.log.names()) expect(linesIn(name)).toBeLessThanOrEqual(MAX_KINDS);
    const lines = around.log.allLines();
    const ofRun = (i) => lines.filter(({ token }) => token.startsWith(`acme${i}_`)).length;
    // Four files have at most eight of the twelve runs, and an old file is at least half full.
    expect([0, 1, 2].map(ofRun)).toEqual([0, 0, 0]);
    expect([9, 10, 11].map(ofRun)).toEqual([tools, tools, tools]);
    expect(new Set(Object.values(countsOf(lines)))).toEqual(new Set([1]));
    const [report] = await plan([['report', { home: around.home }]]);
    expect(report).toMatchObject({ count: lines.length, unreadableLines: 0 });
  });

  test('a repeated anomaly starts no new file', async () => {
    around.log.put(Array.from({ length: MAX_KINDS }, (_, i) => line(`acme_${i}`)));
    await launch([[toolTurn('acme_7')]]);
    expect(around.log.names()).toEqual([NAME]);
    expect(totalOf(around.log.lines())).toBe(MAX_KINDS + 1);
  });

  test('an anomaly is removed after a month', async () => {
    around.log.put([line('acme_older', { daysAgo: 31 }), line('acme_old', { daysAgo: 29, count: 4 }), line('acme_ancient', { daysAgo: 4000 })]);
    await launch([[toolTurn('acme_deploy')]]);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 1, 'tool acme_old': 4 });
  });

  test('a repeated anomaly is kept', async () => {
    around.log.put([line('acme_deploy', { daysAgo: 29, firstSeen: '2020-01-01T00:00:00.000Z', count: 4 })]);
    await launch([[toolTurn('acme_deploy')]]);
    expect(around.log.lines()).toEqual([expect.objectContaining({ token: 'acme_deploy', count: 5, firstSeen: '2020-01-01T00:00:00.000Z' })]);
  });
});

/** `init` options for a project with this config. */
function configured(otel) {
  fs.writeFileSync(path.join(around.home, PROJECT_FILE), JSON.stringify({ otel: { endpoint: around.receiver.endpoint, ...otel } }));
  return { cwd: around.home, home: around.home, env: {} };
}

function linesIn(name) {
  return fs.readFileSync(path.join(around.log.directory, name), 'utf8').split('\n').length - 1;
}

function modeOf(name) {
  return fs.statSync(path.join(around.log.directory, name)).mode & 0o777;
}
