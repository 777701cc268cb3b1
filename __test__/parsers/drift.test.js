'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { addonProcesses } = require('../../testkit/drift/processes');
const { countsOf, line, NAME, totalOf } = require('../../testkit/drift/log-file');
const { events, ODD_TURNS, requestOf, toolTurn } = require('../../testkit/drift/turns');
const { PROJECT_FILE } = require('../../testkit/scratch/projects');
const { responseWith, sumOf, turn } = require('../../testkit/entries/turn');

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** What waits at a time, and what may stand in one file. */
const [MAX_WAITING, MAX_KINDS] = [256, 500];
/** Words that end in the same part, so that none of them can be overlooked. */
const CANARY = 'canary7f3a';

/** Windows knows no modes. */
const onUnix = process.platform === 'win32' ? test.skip : test;

const around = addonProcesses();
const { launch, plan, options, project } = around;

describe('what was not understood is one line:', () => {
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

  test('an entry that is none, of which nobody knows who served it', async () => {
    await launch([['{"id":']]);
    expect(around.log.lines()).toEqual([expect.objectContaining({ category: 'unreadable', provider: 'other', token: 'entry', count: 1 })]);
  });

  test('all of a turn in which much is not understood', async () => {
    await launch([[turn({ model: 'acme-7b', stopReason: 'acme_stop', turnToolCalls: { acme_deploy: 1, acme_refund: 2 } })]]);
    expect(countsOf(around.log.lines())).toEqual({ 'model acme-7b': 1, 'stop_reason acme_stop': 1, 'tool acme_deploy': 1, 'tool acme_refund': 2 });
  });

  test('of each provider', async () => {
    const codex = turn({ provider: 'openai', agent: 'codex', agentKey: 'default', model: 'gpt-5.5', stopReason: 'completed', turnToolCallIds: { call_1: 'acme_deploy' } });
    await launch([[toolTurn('acme_deploy')], [codex]]);
    const tools = around.log.lines().filter(({ category }) => category === 'tool');
    expect(tools.map(({ provider, token, count }) => ({ provider, token, count }))).toEqual([
      { provider: 'anthropic', token: 'acme_deploy', count: 1 }, { provider: 'openai', token: 'acme_deploy', count: 1 },
    ]);
  });
});

describe('the same again', () => {
  test('is the same line, with a higher count and a later time', async () => {
    await plan([['init', options()], ['record', toolTurn('acme_deploy')], ['flush'], ['wait', 30], ['record', toolTurn('acme_deploy', 2)], ['flush'], ['shutdown']]);
    const [{ firstSeen, lastSeen, ...rest }, ...others] = around.log.lines();
    expect([rest, others]).toEqual([{ category: 'tool', provider: 'anthropic', token: 'acme_deploy', count: 3 }, []]);
    expect(Date.parse(lastSeen) - Date.parse(firstSeen)).toBeGreaterThanOrEqual(30);
  });

  test('by another process too, and the time of the first one stays', async () => {
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
    ['is three numbers, without the fingerprint of the conversation', 'x-anthropic-billing-header: cc_version=2.1.81.df2; cc_entrypoint=cli;', '2.1.81'],
    ['is three numbers, also where the fingerprint has digits only', 'cc_version=2.1.81.904;', '2.1.81'],
    ['is three numbers where nothing else is said', 'cc_version=2.1.81', '2.1.81'],
    ['is left out where it is no version', 'cc_version=2.df2.1;', undefined],
    ['is left out where it has two numbers', 'cc_version=2.1;', undefined],
    ['is left out where it is longer than any', `cc_version=${'1'.repeat(40)}.2.3;`, undefined],
  ])('%s', async (_, head, agentVersion) => {
    await launch([[toolTurn('acme_deploy'), { request: requestOf('hi', head) }]]);
    const [first, ...others] = around.log.lines();
    expect([first.agentVersion, others]).toEqual([agentVersion, []]);
    expect(around.log.text()).not.toMatch(/df2|904|1111/);
  });

  test('tells kinds apart', async () => {
    const versions = ['2.1.81.df2', '2.1.82.aaa', '2.1.81.e01'];
    await launch(versions.map((version) => [toolTurn('acme_deploy'), { request: requestOf('hi', `cc_version=${version};`) }]));
    expect(around.log.lines().map(({ agentVersion, count }) => [agentVersion, count])).toEqual([['2.1.81', 2], ['2.1.82', 1]]);
  });
});

describe('no line holds', () => {
  /** What can stand where a name is expected. */
  const rows = [
    ['a sentence', `please find out why ${CANARY} fails`],
    ['a path of the root', `/srv/${CANARY}/plan.md`],
    ['a path of a home', `/home/${CANARY}/src/main.rs`],
    ['a path of a home, without its slash', `home/${CANARY}/src/main.rs`],
    ['a path with a tilde', `~/.ssh/${CANARY}`],
    ['a path of Windows', `C:\\Users\\${CANARY}\\plan.docx`],
    ['a path in the project', `./src/${CANARY}.rs`],
    ['an address', `${CANARY}@corp.example`],
    ['an address of the web', `https://${CANARY}.example/orders`],
    ['an address of the web with a password', `https://me:${CANARY}@corp.example/x`],
    ['a token of Anthropic', `sk-ant-api03-${CANARY}${CANARY}`],
    ['a token of GitHub', `ghp_${CANARY}${CANARY}${CANARY}x`],
    ['a key of AWS', `AKIA${CANARY.toUpperCase()}XXXXXX`],
    ['a bearer token', `Bearer ${CANARY}`],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`],
    ['a command', `rm -rf ${CANARY} && reboot`],
    ['JSON', `{"message":"${CANARY}"}`],
    ['other letters', `漢字${CANARY}😀`],
    ['what moves a cursor', `${CANARY}\u001b[2J\r\n`],
    ['what turns letters round', `${CANARY}\u202egnp.exe`],
    ['a long word', `${'x'.repeat(60)}${CANARY}`],
    ['a table', `${CANARY}|x|y`],
  ];

  test.each(rows)('%s, but a hash of it', async (_, word) => {
    const records = [
      [turn({ stopReason: word })],
      [turn({ model: word })],
      [turn({ agentKey: word })],
      [toolTurn(word)],
      [turn({ isSSE: true }), { response: events({ type: word }) }],
    ];
    await launch(records);
    const lines = around.log.lines();
    const seen = new Set(lines.map(({ category }) => category));
    expect([...seen]).toEqual(expect.arrayContaining(['agent_type', 'model', 'stop_reason', 'tool', 'wire']));
    expect(lines.filter(({ token }) => token !== undefined)).toEqual([]);
    for (const { hash } of lines) expect(hash).toMatch(/^sha256:[0-9a-f]{12}$/);
    expect(around.log.text().toLowerCase()).not.toContain(CANARY);
  });

  test('a path without a beginning, unless it may be the route to a model', async () => {
    const word = `src/${CANARY}/invoice.rs`;
    await launch([[turn({ stopReason: word })], [turn({ agentKey: word })], [toolTurn(word)], [turn({ model: 'acme/own-7b' })]]);
    const tokens = around.log.lines().flatMap(({ category, token }) => (token === undefined ? [] : [[category, token]]));
    expect(tokens).toEqual([['model', 'acme/own-7b']]);
  });

  test('anything of what was said, done or answered in a turn', async () => {
    const said = (n) => `${CANARY}-${n}`;
    const input = { command: said(1), file_path: `/home/${said(2)}`, description: said(3) };
    const content = [{ type: 'text', text: said(4) }, { type: 'tool_use', id: said(5), name: 'acme_deploy', input }];
    const response = JSON.stringify({ type: 'message', id: said(6), content, stop_reason: 'tool_use', usage: { input_tokens: 1, output_tokens: 2 } });
    const request = requestOf(`${said(7)} <command-message>${said(8)}`, `cc_version=2.1.81.df2; ${said(9)}`);
    const entry = turn({ id: said(10), sessionId: said(11), title: said(12), cwd: `/home/${said(13)}`, stopReason: 'tool_use', turnToolCalls: { acme_deploy: 1 } });
    await launch([[entry, { request, response, headers: { 'request-id': said(14) } }]]);
    expect(countsOf(around.log.lines())).toEqual({ 'skill_marker -': 1, 'tool acme_deploy': 1 });
    expect(around.log.text()).not.toContain(CANARY);
  });

  test('two words as one, and one word as two', async () => {
    const words = ['no such thing', 'no other thing', 'no such thing'];
    await launch(words.map((stopReason) => [turn({ stopReason })]));
    const lines = around.log.lines();
    expect(new Set(lines.map(({ count }) => count))).toEqual(new Set([1, 2]));
    expect(lines).toHaveLength(2);
  });
});

describe('the log is', () => {
  onUnix('the engineer\'s alone, as is its directory', async () => {
    await launch([[toolTurn('acme_deploy')]]);
    expect([NAME, 'parser-drift.lock', '.'].map(modeOf)).toEqual([0o600, 0o600, 0o700]);
  });

  onUnix.each([0o644, 0o666, 0o640])('the engineer\'s alone, also where it was not before (%i)', async (mode) => {
    around.log.put([line('acme_old')]);
    fs.chmodSync(around.log.file, mode);
    await launch([[toolTurn('acme_deploy')]]);
    expect(modeOf(NAME)).toBe(0o600);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 1, 'tool acme_old': 1 });
  });

  test('all that is new, beside a file to take turns by', async () => {
    await launch([[turn()]]);
    const usual = fs.readdirSync(around.log.directory);
    await launch([[toolTurn('acme_deploy')]]);
    const names = fs.readdirSync(around.log.directory);
    expect(new Set(names)).toEqual(new Set([...usual, NAME, 'parser-drift.lock']));
    expect(fs.readdirSync(around.home)).toEqual(['.ccxray']);
  });

  test('where CCXRAY_HOME says', async () => {
    const elsewhere = path.join(project(), 'own');
    await launch([[toolTurn('acme_deploy')]], options({ CCXRAY_HOME: elsewhere }));
    expect(fs.readdirSync(elsewhere)).toContain(NAME);
    expect(fs.readdirSync(around.home)).toEqual([]);
  });
});

describe('nothing is written', () => {
  test.each([
    ['at tier 0', () => options({ CCXRAY_OTEL_TIER: '0' })],
    ['if nobody asked for anything', () => ({ cwd: around.home, home: around.home, env: {} })],
    ['with DO_NOT_TRACK', () => options({ DO_NOT_TRACK: '1' })],
    ['if the project says tier 0', () => configured({ tier: 0 })],
  ])('%s', async (_, given) => {
    const [state, ...taken] = await launch(ODD_TURNS.map(([, , args]) => args), given());
    expect(state).toBe('disabled');
    expect(taken.slice(0, ODD_TURNS.length)).toEqual(ODD_TURNS.map(() => false));
    expect(fs.readdirSync(around.home).filter((name) => name !== PROJECT_FILE)).toEqual([]);
  });

  test('of entries of a project that is off', async () => {
    const off = project({ tier: 0 });
    await launch([[toolTurn('acme_private'), { cwd: off }], [toolTurn('acme_deploy')]]);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 1 });
  });

  test('if the project wants no log', async () => {
    const [state] = await launch(ODD_TURNS.map(([, , args]) => args), configured({ tier: 1, log: { enabled: false } }));
    expect(state).toBe('active');
    expect(around.log.exists()).toBe(false);
  });

  test('but it is if the project wants one', async () => {
    await launch([[toolTurn('acme_deploy')]], configured({ tier: 1, log: { enabled: true } }));
    expect(around.log.lines()).toHaveLength(1);
  });

  test('if all is understood', async () => {
    const usual = [turn(), { request: requestOf('hi', 'cc_version=2.1.81.df2;') }];
    await launch([usual, [turn({ stopReason: 'tool_use', turnToolCalls: { Bash: 1 } }), { response: responseWith('Bash') }], [turn({ isSSE: true }), { response: events() }]]);
    expect(around.log.exists()).toBe(false);
  });

  test('of names that the project calls its own', async () => {
    const given = configured({ tier: 1, known_names: ['acme_deploy', 'acme-7b', 'acme-captain'] });
    await launch([[toolTurn('acme_deploy')], [turn({ model: 'acme-7b', agentKey: 'acme-captain' })], [toolTurn('acme_refund')]], given);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_refund': 1 });
  });
});

test('nothing of it leaves: what is sent says how often, and no word or hash', async () => {
  const sentence = 'went away from acme';
  await launch([...ODD_TURNS.map(([, , args]) => args), [turn({ stopReason: sentence })], [toolTurn('mcp__acme__refund')]]);
  const lines = around.log.lines();
  expect(lines).toHaveLength(ODD_TURNS.length + 1);
  const sent = around.requests.join('\n');
  expect(sent).toContain('ccxray.');
  // Those that are none of ours are words of this package.
  const words = lines.flatMap(({ token, hash }) => [token, hash?.slice('sha256:'.length)]).filter((word) => word !== undefined && !/^(request|response|token_sum|tool_count)$/.test(word));
  expect(words.length).toBeGreaterThan(6);
  expect(words.filter((word) => sent.includes(word))).toEqual([]);
  expect(sent).not.toMatch(/acme|never closed|sha256|parser-drift/);
  const tools = around.receiver.series().filter(({ attributes }) => attributes.tool !== undefined).map(({ attributes }) => attributes.tool);
  expect(tools).toContain('custom');
  expect(sumOf(around.receiver.series(), 'ccxray.parser.unknown_tool_total')).toBeGreaterThan(0);
});

describe('the log is bounded:', () => {
  test('three thousand tools that nobody knows are a few hundred lines, and none is lost', async () => {
    await plan([['init', options()], ['recordTools', 'acme_', 1500], ['flush'], ['recordTools', 'other_', 1500], ['flush'], ['shutdown']]);
    expect(totalOf(around.log.allLines())).toBe(3000);
    for (const name of around.log.names()) expect(linesIn(name)).toBeLessThanOrEqual(MAX_KINDS + 10);
    expect(around.log.allLines().length).toBeLessThan(MAX_KINDS + MAX_WAITING);
    expect(around.log.allLines().map(({ token }) => token)).toContain('_overflow_');
  });

  test('more than fits into a file begins a new one, and three old ones are kept', async () => {
    const [runs, tools] = [12, 240];
    for (let i = 0; i < runs; i += 1) {
      await plan([['init', options()], ['recordTools', `acme${i}_`, tools], ['flush'], ['shutdown']]);
      if (i === 1) expect(around.log.names()).toEqual([NAME]);
    }
    expect(around.log.names()).toEqual([NAME, `${NAME}.1`, `${NAME}.2`, `${NAME}.3`]);
    for (const name of around.log.names()) expect(linesIn(name)).toBeLessThanOrEqual(MAX_KINDS);
    const lines = around.log.allLines();
    const ofRun = (i) => lines.filter(({ token }) => token.startsWith(`acme${i}_`)).length;
    // Four files hold at most eight runs of the twelve, and an old one is never less than half full.
    expect([0, 1, 2].map(ofRun)).toEqual([0, 0, 0]);
    expect([9, 10, 11].map(ofRun)).toEqual([tools, tools, tools]);
    expect(new Set(Object.values(countsOf(lines)))).toEqual(new Set([1]));
    const [report] = await plan([['report', { home: around.home }]]);
    expect(report).toMatchObject({ count: lines.length, unreadableLines: 0 });
  });

  test('what is known already begins no new one', async () => {
    around.log.put(Array.from({ length: MAX_KINDS }, (_, i) => line(`acme_${i}`)));
    await launch([[toolTurn('acme_7')]]);
    expect(around.log.names()).toEqual([NAME]);
    expect(totalOf(around.log.lines())).toBe(MAX_KINDS + 1);
  });

  test('what was not seen for a month is forgotten', async () => {
    around.log.put([line('acme_older', { daysAgo: 31 }), line('acme_old', { daysAgo: 29, count: 4 }), line('acme_ancient', { daysAgo: 4000 })]);
    await launch([[toolTurn('acme_deploy')]]);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 1, 'tool acme_old': 4 });
  });

  test('and what is seen again is not', async () => {
    around.log.put([line('acme_deploy', { daysAgo: 29, firstSeen: '2020-01-01T00:00:00.000Z', count: 4 })]);
    await launch([[toolTurn('acme_deploy')]]);
    expect(around.log.lines()).toEqual([expect.objectContaining({ token: 'acme_deploy', count: 5, firstSeen: '2020-01-01T00:00:00.000Z' })]);
  });
});

/** `init` options for a project that says this of itself. */
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
