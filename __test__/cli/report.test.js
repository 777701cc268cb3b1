'use strict';

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { linesOfReport } = require('../../cli/anomalies');
const { run } = require('../../testkit/process/run');
const { call } = require('../../testkit/cli/call');
const { addonProcesses } = require('../../testkit/drift/processes');
const { DAY_MS, line } = require('../../testkit/drift/log-file');
const { toolTurn, requestOf } = require('../../testkit/drift/turns');
const { revoked } = require('../../testkit/odd-objects');

const around = addonProcesses();
const { launch, plan, options } = around;

const report = (more) => addon.report({ home: around.home, ...more });
const cli = (...args) => call(['report', ...args], { cwd: around.home, home: around.home });

/** Names that no issue may contain, and what else is in the file. */
const PRIVATE = ['acme_deploy', 'acme-7b', 'sha256:0123456789ab', '0123456789ab', 'event:acme'];
/** Texts that try to be Markdown, HTML or commands of a terminal. */
const HOSTILE = ['a|b|c', 'a\nb\n| x | y |', 'a\r\nb', '`a`', '```\na', '\u001b[2J\u001b[H', '\u009b2J', '<img src=x onerror=y>', '<!--', 'a\u202eb\u2066c', '\u0000\u0007', '\ufeffa\u200b', '\\', 'a\\|b', '# a', 'x'.repeat(300)];
/** Every category that `report()` returns. */
const CATEGORIES = ['tool', 'mcp_format', 'skill_marker', 'wire', 'fallback', 'mismatch', 'unreadable', 'model', 'agent_type', 'stop_reason', 'error_type', 'permission_mode', 'provider', 'tool_input'];
const FIELDS = ['category', 'provider', 'token', 'hash', 'agentVersion'];
/** Anything that moves the cursor, is invisible or changes the reading direction. */
const UNSEEN = /[^\P{Cc}\n]|[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

function fill() {
  around.log.put([
    line('acme_deploy', { count: 2, daysAgo: 1, agentVersion: '2.1.81' }),
    line('acme_refund', { count: 3, daysAgo: 0, agentVersion: '2.1.81' }),
    line('acme_other', { count: 1, daysAgo: 2 }),
    line('acme-7b', { category: 'model', provider: 'openai', count: 40, daysAgo: 3 }),
    line(undefined, { category: 'stop_reason', hash: 'sha256:0123456789ab', count: 1, daysAgo: 5 }),
    line(undefined, { category: 'skill_marker', count: 4, daysAgo: 6 }),
    line('event:acme', { category: 'wire', count: 500, daysAgo: 20 }),
  ]);
}

/** A line with this text in one field. */
function hostileLine(field, text) {
  return line('acme_deploy', { [field]: text, ...(field === 'hash' && { token: undefined }) });
}

function mismatch(token, more) {
  return line(token, { category: 'mismatch', ...more });
}

function difference(figure, turns, ccxray, response) {
  return { figure, turns, ccxray, response };
}

/** Lines of two versions of an agent, with tokens and cost that differ. */
function differingLines() {
  return [
    mismatch('token_sum', { count: 3, differences: [difference('input', 2, 6420, 29_625), difference('output', 3, 93, 1260)] }),
    mismatch('token_sum', { agentVersion: '2.1.197', differences: [difference('output', 1, 7, 40)] }),
    mismatch('cost', { count: 2, differences: [difference('cost', 2, 0.0282, 0.112305)] }),
  ];
}

/** The day of a line that was last seen so many days ago. */
function day(daysAgo) {
  return new Date(Date.now() - daysAgo * DAY_MS - 1000).toISOString().slice(0, 10);
}

/** A line with a count that is too large for a number of JavaScript. */
function countedLine(category, count) {
  return JSON.stringify({ ...line('acme_deploy', { category }), count: 'N' }).replace('"N"', count);
}

/** The cells of every table in a text of Markdown. */
function rowsOf(issue) {
  return issue.split('\n').filter((one) => one.startsWith('|')).map((one) => one.split('|').slice(1, -1).map((cell) => cell.trim()));
}

describe('report() returns', () => {
  beforeEach(fill);

  test('categories, the most frequent first', () => {
    const { categories, count, days, file, unreadableLines } = report();
    expect(categories.map((one) => [one.category, one.count, one.kinds])).toEqual([['model', 40, 1], ['tool', 6, 3], ['skill_marker', 4, 1], ['stop_reason', 1, 1]]);
    expect({ count, days, file, unreadableLines }).toEqual({ count: 51, days: 7, file: around.log.file, unreadableLines: 0 });
  });

  test('first time and newest samples of each category', () => {
    const { categories } = report();
    const tool = categories.find(({ category }) => category === 'tool');
    expect(tool.samples.map(({ token }) => token)).toEqual(['acme_refund', 'acme_deploy', 'acme_other']);
    const [first] = tool.samples;
    expect(first).toEqual({ provider: 'anthropic', token: 'acme_refund', agentVersion: '2.1.81', count: 3, firstSeenAtMs: first.lastSeenAtMs, lastSeenAtMs: tool.lastSeenAtMs });
    expect(tool.firstSeenAtMs).toBe(tool.samples[2].firstSeenAtMs);
    expect(Math.abs(Date.now() - 2 * DAY_MS - tool.firstSeenAtMs)).toBeLessThan(60_000);
    const { samples: [hashed] } = categories.find(({ category }) => category === 'stop_reason');
    expect(hashed).toEqual(expect.objectContaining({ hash: 'sha256:0123456789ab' }));
    expect(hashed).not.toHaveProperty('token');
    const { samples: [nameless] } = categories.find(({ category }) => category === 'skill_marker');
    expect(Object.keys(nameless)).toEqual(expect.not.arrayContaining(['token', 'hash', 'agentVersion']));
  });

  test('how far tokens and cost are apart', () => {
    around.log.put(differingLines());
    const { categories: [{ category, count, differences, samples }] } = report();
    expect({ category, count }).toEqual({ category: 'mismatch', count: 6 });
    expect(differences).toEqual([
      { figure: 'input', turns: 2, ccxray: 6420, response: 29_625 },
      { figure: 'output', turns: 4, ccxray: 100, response: 1300 },
      { figure: 'cost', turns: 2, ccxray: 0.0282, response: 0.112305 },
    ]);
    expect(samples.find(({ agentVersion }) => agentVersion !== undefined).differences).toEqual([{ figure: 'output', turns: 1, ccxray: 7, response: 40 }]);
  });

  test('of many names the five newest', () => {
    around.log.put(Array.from({ length: 9 }, (_, i) => line(`acme_${i}`, { daysAgo: (i * 5) % 7, count: i + 1 })));
    const { categories: [{ count, kinds, samples }] } = report();
    expect({ count, kinds }).toEqual({ count: 45, kinds: 9 });
    expect(samples).toHaveLength(5);
    const days = samples.map(({ lastSeenAtMs }) => Math.floor((Date.now() - lastSeenAtMs) / DAY_MS));
    expect(days).toEqual([0, 0, 1, 2, 3]);
  });

  test('each name of older files once', () => {
    around.log.put([line('acme_deploy', { count: 5, daysAgo: 1, agentVersion: '2.1.81' })], 'parser-drift.log.1');
    around.log.put([line('acme_older', { count: 7, daysAgo: 4 })], 'parser-drift.log.3');
    around.log.put([line('acme_none_of_ours')], 'parser-drift.log.4');
    const tool = report().categories.find(({ category }) => category === 'tool');
    expect(tool).toMatchObject({ count: 6 + 5 + 7, kinds: 4 });
    expect(tool.samples.find(({ token }) => token === 'acme_deploy').count).toBe(7);
  });

  test.each([
    [1, 1, 3], [2, 2, 5], [4, 4, 46], [7, 7, 51], [30, 30, 551], [21, 21, 551],
    [31, 30, 551], [1e9, 30, 551], [2 ** 40, 30, 551], [0, 1, 3], [-3, 1, 3], [-1e300, 1, 3], [2.5, 3, 6], [0.1, 1, 3],
    [Number.NaN, 7, 51], [Number.POSITIVE_INFINITY, 7, 51], ['5', 7, 51], ['x', 7, 51], [null, 7, 51], [undefined, 7, 51], [{}, 7, 51], [[1], 7, 51], [true, 7, 51], [5n, 7, 51], [Symbol('5'), 7, 51],
  ])('the anomalies of the last days (%p: %p)', (days, covered, count) => {
    const before = Date.now();
    const found = report({ days });
    expect(found).toMatchObject({ days: covered, count });
    expect(found.sinceMs).toBeGreaterThanOrEqual(before - covered * DAY_MS - 1);
    expect(found.sinceMs).toBeLessThanOrEqual(Date.now() - covered * DAY_MS + 1);
  });

  test('nothing if there is no file', () => {
    fs.rmSync(around.log.file);
    expect(report()).toEqual({ days: 7, sinceMs: expect.any(Number), file: around.log.file, count: 0, categories: [], unreadableLines: 0, unreadableFiles: [], issue: '' });
    expect(fs.readdirSync(around.log.directory)).toEqual([]);
  });

  test('the largest number for an overflow', () => {
    const most = '18446744073709551615';
    around.log.put([countedLine('tool', most), countedLine('model', '5'), countedLine('wire', most)]);
    const { count, categories } = report();
    expect(categories).toHaveLength(3);
    for (const one of categories) expect(count).toBeGreaterThanOrEqual(one.count);
  });

  test('impossible times without an error', () => {
    around.log.put(['9999-12-31T23:59:59.999Z', '+12345-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '1970-01-01T00:00:00Z'].map((lastSeen, i) => line(`acme_${i}`, { firstSeen: lastSeen, lastSeen })));
    for (const days of [1, 30]) expect(() => report({ days, samples: true })).not.toThrow();
  });
});

describe('report() never throws, whatever it is given:', () => {
  const throwing = { get: () => { throw new Error('a trap'); }, has: () => { throw new Error('a trap'); }, ownKeys: () => { throw new Error('a trap'); } };

  test.each([
    ['nothing', []],
    ['null', [null]],
    ['a number', [7]],
    ['a string', ['x']],
    ['true', [true]],
    ['a symbol', [Symbol('x')]],
    ['a bigint', [1n]],
    ['a function', [() => {}]],
    ['a list', [[]]],
    ['a list of options', [[{ days: 1 }]]],
    ['a date', [new Date()]],
    ['a buffer', [Buffer.from('x')]],
    ['a promise', [Promise.resolve()]],
    ['an object without a prototype', [Object.create(null)]],
    ['unknown options', [{ x: 1, __proto__: { days: 'x' } }]],
    ['a getter that throws', [{ get days() { throw new Error('no'); } }]],
    ['getters that all throw', [Object.defineProperties({}, Object.fromEntries(['samples', 'home', 'env'].map((name) => [name, { get() { throw new Error('no'); } }])))]],
    ['a proxy that throws', [new Proxy({}, throwing)]],
    ['a proxy that is revoked', [revoked()]],
    ['an environment that throws', [{ env: new Proxy({}, throwing) }]],
    ['an invalid environment', [{ env: 'HOME' }]],
    ['an environment of other things', [{ env: { HOME: 7, CCXRAY_HOME: {}, X: Symbol('x') } }]],
    ['an environment of nothing', [{ env: {} }]],
    ['an invalid home', [{ home: 7 }]],
    ['an empty home', [{ home: '' }]],
    ['a home that is relative', [{ home: 'here' }]],
    ['a home with a NUL', [{ home: '/a\u0000b' }]],
    ['a home with half a character', [{ home: '/\ud800' }]],
    ['a home that is a file', [{ home: __filename }]],
    ['a home of a megabyte', [{ home: `/${'x'.repeat(1 << 20)}` }]],
    ['invalid samples', [{ samples: 'yes' }]],
    ['more arguments than it takes', [{}, 1, 2, 3]],
  ])('%s', (_, args) => {
    const found = addon.report(...args);
    expect(found).toMatchObject({ days: 7, count: expect.any(Number), categories: expect.any(Array), unreadableLines: expect.any(Number), issue: expect.any(String) });
  });

  test('and without a home there is no file', () => {
    expect(addon.report({ env: {} })).not.toHaveProperty('file');
    expect(addon.report({ home: 'here', env: {} })).not.toHaveProperty('file');
  });
});

describe('report() finds the user\'s file', () => {
  beforeEach(fill);

  test.each([
    ['in the home that is given', () => ({ home: around.home })],
    ['in the home of an environment', () => ({ env: { HOME: around.home } })],
    ['in the home of an environment of Windows', () => ({ env: { USERPROFILE: around.home } })],
    ['where CCXRAY_HOME says', () => ({ home: '/nowhere', env: { CCXRAY_HOME: around.log.directory } })],
  ])('%s', (_, given) => {
    expect(addon.report(given())).toMatchObject({ count: 51, file: around.log.file });
  });

  test('before init, by the environment of the process', async () => {
    const [found] = await plan([['report']], { env: { HOME: around.home } });
    expect(found).toMatchObject({ count: 51, file: around.log.file });
    const [other] = await plan([['report']], { env: { HOME: '/nowhere', CCXRAY_HOME: around.log.directory } });
    expect(other).toMatchObject({ count: 51, file: around.log.file });
  });

  test('after init, by its options', async () => {
    const [, found, , after] = await plan([['init', options()], ['report'], ['shutdown'], ['report']], { env: { HOME: '/nowhere' } });
    for (const one of [found, after]) expect(one).toMatchObject({ count: 51, file: around.log.file });
  });

  test('at tier 0 too, and writes nothing', async () => {
    const before = fs.readdirSync(around.log.directory);
    const [state, found] = await plan([['init', options({ CCXRAY_OTEL_TIER: '0' })], ['report']], { env: { HOME: '/nowhere' } });
    expect({ state, count: found.count }).toEqual({ state: 'disabled', count: 51 });
    expect(fs.readdirSync(around.log.directory)).toEqual(before);
  });

  test('of another user, while its own telemetry runs', async () => {
    const elsewhere = around.project();
    const [, , , theirs, own] = await plan([['init', options()], ['record', toolTurn('acme_new')], ['flush'], ['report', { home: elsewhere }], ['report', { home: around.home }]]);
    expect(theirs).toMatchObject({ count: 0, file: path.join(elsewhere, '.ccxray', 'parser-drift.log') });
    expect(own.count).toBe(52);
  });
});

test('report() includes once what is not written yet', async () => {
  const isThere = around.log.file;
  const given = await plan([
    ['init', options()], ['record', toolTurn('acme_first')], ['flush'], ['until', isThere], ['record', toolTurn('acme_second', 2)], ['record', toolTurn('acme_first')], ['flush'],
    ['read', isThere], ['report'], ['shutdown'], ['report'],
  ]);
  const [text, during, after] = [given[7], given[8], given[10]];
  expect(text).not.toContain('acme_second');
  for (const found of [during, after]) {
    expect(found).toMatchObject({ count: 4, categories: [{ category: 'tool', kinds: 2 }] });
    expect(new Map(found.categories[0].samples.map(({ token, count }) => [token, count]))).toEqual(new Map([['acme_first', 2], ['acme_second', 2]]));
  }
});

describe('the text of an issue', () => {
  beforeEach(fill);

  test('is a table by category, provider and version', () => {
    const { issue } = report();
    const [head, rule, ...rows] = rowsOf(issue);
    expect(head).toEqual(['category', 'provider', 'agent version', 'kinds', 'count', 'first seen', 'last seen']);
    expect(new Set(rule)).toEqual(new Set(['---']));
    expect(new Set(rows.map((cells) => cells.join(' ')))).toEqual(new Set([
      `tool anthropic 2.1.81 2 5 ${day(1)} ${day(0)}`,
      `tool anthropic - 1 1 ${day(2)} ${day(2)}`,
      `model openai - 1 40 ${day(3)} ${day(3)}`,
      `stop_reason anthropic - 1 1 ${day(5)} ${day(5)}`,
      `skill_marker anthropic - 1 4 ${day(6)} ${day(6)}`,
    ]));
    expect(issue).toMatch(/last 7 days/);
    expect(issue).toContain(require('../../package.json').version);
  });

  test('contains names only with samples, never a path', () => {
    const silent = report({ days: 30 }).issue;
    for (const word of [...PRIVATE, around.home, require('node:os').hostname()]) expect(silent).not.toContain(word);
    for (const samples of [false, undefined, null, 0, 1, 'yes', {}]) expect(report({ days: 30, samples }).issue).toBe(silent);
    const open = report({ days: 30, samples: true }).issue;
    for (const word of PRIVATE) expect(open).toContain(word);
    expect(open).not.toContain(around.home);
  });

  test('of real turns contains none of their names', async () => {
    const records = [[toolTurn('canary7f3a_tool'), { request: requestOf('canary7f3a said', 'cc_version=2.1.81.df2;') }], [toolTurn('mcp__canary7f3a')]];
    await launch([...records, [toolTurn('canary7f3a says a sentence')]]);
    const { issue, count } = report();
    expect(count).toBe(51 + 3);
    expect(issue).toContain('2.1.81');
    expect(issue).not.toMatch(/canary7f3a|df2|sha256/);
    expect(report({ samples: true }).issue).toContain('canary7f3a_tool');
  });

  test('is empty if there were no anomalies', () => {
    around.log.put([line('acme_old', { daysAgo: 8 })]);
    expect(report({ samples: true })).toMatchObject({ count: 0, categories: [], issue: '' });
    expect(report({ days: 9 }).issue).not.toBe('');
  });

  test.each(FIELDS)('ignores lines with a foreign %s', (field) => {
    around.log.put([...HOSTILE.map((text) => hostileLine(field, text)), line('acme_deploy')]);
    for (const samples of [false, true]) {
      const { issue, count, unreadableLines } = report({ samples });
      expect({ count, unreadableLines }).toEqual({ count: 1, unreadableLines: HOSTILE.length });
      const lines = issue.trimEnd().split('\n');
      const cells = lines.filter((one) => one.startsWith('|')).map((one) => one.split('|').length - 2);
      expect(cells.every((many) => many === 7 || many === 4)).toBe(true);
      // A heading, what was seen where, the tables, and that names are left out.
      expect(lines.filter((one) => one !== '' && !one.startsWith('|'))).toHaveLength(samples ? 2 : 3);
      expect(issue).not.toMatch(UNSEEN);
    }
  });
});

describe('ccxray-otel report', () => {
  test('shows every category with its newest samples', async () => {
    fill();
    const { code, stdout, stderr } = await cli();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^51 things were not recognised in 7 days \(/);
    expect(stdout).toContain(around.log.file);
    const categories = stdout.split('\n').filter((one) => /^\w+: /.test(one));
    expect(categories.map((one) => one.split(':')[0])).toEqual(['model', 'tool', 'skill_marker', 'stop_reason']);
    expect(categories[1]).toMatch(new RegExp(`^tool: 6 times, .*${day(2)}`));
    expect(categories[3]).toContain('once');
    expect(stdout).toMatch(/^ +acme_refund +anthropic 2\.1\.81, 3 times/m);
    expect(stdout).toMatch(/^ +sha256:0123456789ab +anthropic, once/m);
    expect(stdout).toMatch(/^ +acme-7b +openai, 40 times/m);
    expect(stdout).not.toContain('event:acme');
  });

  test('shows how many different names there are', async () => {
    fill();
    expect((await cli()).stdout).toMatch(/^tool: .*\b3 different\b/m);
  });

  test('shows what each category costs, and the cure', async () => {
    around.log.put([line('acme_deploy'), line('acme_refund', { daysAgo: 1 }), line('_overflow_', { daysAgo: 2 }), line('acme-7b', { category: 'model' }), line(undefined, { category: 'stop_reason', hash: 'sha256:0123456789ab' })]);
    const blocks = (await cli()).stdout.split('\n\n').map((block) => block.split('\n').filter((one) => /^(\w+:| {2}(cost|cure): )/.test(one)));
    expect(blocks).toEqual(expect.arrayContaining([
      [expect.stringMatching(/^tool: /), '  cost:  at tier 1 these tools are sent as "custom"', '  cure:  if they are your own, add "acme_deploy", "acme_refund" to known_names', '  cure:  if not, file an issue'],
      [expect.stringMatching(/^model: /), '  cost:  at tier 1 these models are sent as "other"', '  cure:  if it is your own, add "acme-7b" to known_names', '  cure:  if not, file an issue'],
      [expect.stringMatching(/^stop_reason: /), '  cost:  these stop reasons are sent as "other"', '  cure:  file an issue'],
    ]));
  });

  test('shows a table of the tokens and the cost that differ', async () => {
    around.log.put(differingLines());
    const { stdout } = await cli();
    expect(stdout).toContain([
      '  differs      turns  ccxray shows  response (sent)',
      '  input            2         6,420           29,625',
      '  output           4           100            1,300',
      '  cost in USD      2        0.0282         0.112305',
    ].join('\n'));
    expect(stdout).not.toContain('cure:');
  });

  test('shows a cure if tool calls differ, too', async () => {
    around.log.put([...differingLines(), line('tool_count', { category: 'mismatch' })]);
    const { stdout } = await cli();
    expect(stdout).toContain('  cure:  file an issue\n');
    expect(stdout).toMatch(/\n\nTo file an issue, print its text without names, and post it there:\n {2}ccxray-otel report --issue\n {2}https:\/\/\S+\/issues\n$/);
  });

  test.each(CATEGORIES)('knows the cost of the category %s', (category) => {
    const found = { category, count: 1, kinds: 1, firstSeenAtMs: 0, samples: [] };
    const lines = linesOfReport({ days: 1, count: 1, categories: [found], file: 'f', unreadableLines: 0, unreadableFiles: [] }, 'ccxray-otel report --issue');
    expect(lines[0]).toBe('1 thing was not recognised in 1 day (f)');
    expect(lines[3]).toMatch(/^ {2}cost: (?!unknown to this version)/);
  });

  test('shows how many names it leaves out', async () => {
    around.log.put(Array.from({ length: 9 }, (_, i) => line(`acme_${i}`)));
    const { stdout } = await cli();
    expect(stdout.match(/^ +acme_\d /gm)).toHaveLength(5);
    expect(stdout).toMatch(/\b4 more/);
  });

  test('takes a number of days, and repeats it', async () => {
    fill();
    const { code, stdout } = await cli('--days', '30');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^551 things were not recognised in 30 days \(/);
    expect(stdout).toContain('event:acme');
    expect((await cli('--days=1')).stdout).toMatch(/^3 things were not recognised in 1 day \(/);
  });

  test.each([[[]], [['--issue']], [['--days', '1']]])('without anomalies says so, and succeeds (%j)', async (args) => {
    const { code, stdout, stderr } = await cli(...args);
    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(/nothing/i);
    expect(fs.readdirSync(around.home)).toEqual([]);
  });

  test('prints no issue without anomalies', async () => {
    expect((await cli('--issue')).stdout).toBe('');
  });

  test('counts the lines that cannot be read', async () => {
    around.log.put(['garbage', line('acme_deploy'), 'more of it']);
    const { code, stdout } = await cli();
    expect(code).toBe(0);
    expect(stdout).toMatch(/cannot be read.*\b2\b/);
  });

  test('prints the object of report() as JSON', async () => {
    fill();
    for (const [args, more] of [[[], {}], [['--days', '30'], { days: 30 }], [['--samples'], { samples: true }]]) {
      const { code, stdout, stderr } = await cli('--json', ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { sinceMs, ...printed } = JSON.parse(stdout);
      const { sinceMs: since, ...found } = report(more);
      expect(printed).toEqual(JSON.parse(JSON.stringify(found)));
      expect(Math.abs(sinceMs - since)).toBeLessThan(5000);
    }
    expect(JSON.parse((await cli('--json', '--days', '1')).stdout).days).toBe(1);
  });

  test('prints the issue, with names after --samples', async () => {
    fill();
    const { code, stdout, stderr } = await cli('--issue', '--days', '30');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd()).toBe(report({ days: 30 }).issue.trimEnd());
    for (const word of PRIVATE) expect(stdout).not.toContain(word);
    const open = await cli('--issue', '--samples', '--days', '30');
    expect(open.stdout.trimEnd()).toBe(report({ days: 30, samples: true }).issue.trimEnd());
    for (const word of PRIVATE) expect(open.stdout).toContain(word);
  });

  test.each(['0', '31', '-1', '1.5', 'x', '1e9', 'NaN', ''])('reports which values --days takes (%p)', async (days) => {
    fill();
    const { code, stdout, stderr } = await cli(`--days=${days}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(days === '' ? '--days needs a value: --days N. See: ccxray-otel report --help\n' : `--days: "${days}" is not a whole number from 1 to 30. See: ccxray-otel report --help\n`);
  });

  test('has a help text', async () => {
    const { code, stdout } = await cli('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: ccxray-otel report [DIR]');
    for (const option of ['--days N', '--issue', '--samples', '--json']) expect(stdout).toContain(`  ${option} `);
    expect((await call(['--help'], { cwd: around.home, home: around.home })).stdout).toMatch(/^ {2}report +\w/m);
  });

  test.each(FIELDS)('cannot control the terminal with a foreign %s', async (field) => {
    around.log.put(HOSTILE.map((text) => hostileLine(field, text)));
    for (const args of [[], ['--json'], ['--issue', '--samples']]) {
      const { code, stdout, stderr } = await cli(...args);
      expect(code).toBe(0);
      expect(stdout + stderr).not.toMatch(UNSEEN);
      if (args[0] === '--json') expect(JSON.parse(stdout)).toMatchObject({ count: 0, unreadableLines: HOSTILE.length });
    }
  });

  test.each([
    ['garbage', (file) => fs.writeFileSync(file, Buffer.from([0xff, 0x00, 0x0a, 0x7b]))],
    ['a directory', (file) => fs.mkdirSync(file)],
    ['two megabytes', (file) => fs.writeFileSync(file, 'x'.repeat(2 << 20))],
  ])('reports %s in the place of the file', async (_, make) => {
    fs.mkdirSync(around.log.directory);
    make(around.log.file);
    const { code, stdout, stderr } = await cli();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/nothing/i);
    expect(stdout).toMatch(/cannot be read/);
  });

  test('without a home says what to set', async () => {
    const found = addon.report({ env: {} });
    expect([found.count, found.file]).toEqual([0, undefined]);
    expect(linesOfReport(found)).toEqual(['There is no home directory, so there is no file to read. To name one, set HOME.']);
  });

  test('reads what another process has just written', async () => {
    await launch([[toolTurn('acme_deploy', 3)]]);
    const before = fs.readdirSync(around.log.directory);
    const { code, stdout, stderr } = await run('../cli.js', ['report'], { cwd: around.home, env: { HOME: around.home } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ +acme_deploy +anthropic, 3 times/m);
    expect(fs.readdirSync(around.log.directory)).toEqual(before);
  });

  test('reads the file where CCXRAY_HOME says', async () => {
    fill();
    const { stdout } = await call(['report', '--json'], { cwd: around.home, home: '/nowhere', env: { CCXRAY_HOME: around.log.directory } });
    expect(JSON.parse(stdout).count).toBe(51);
  });
});
