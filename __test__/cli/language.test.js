'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { isApproval } = require('../../cli/approval');
const { inChinese } = require('../../cli/language/chinese');
const { CHINESE, ENGLISH, languageOf } = require('../../cli/language/locale');
const { replacedNames } = require('../../cli/preview/names');
const { call } = require('../../testkit/cli/call');
const { toolTurn } = require('../../testkit/drift/turns');
const { turn } = require('../../testkit/entries/turn');
const { writeLogs } = require('../../testkit/history');
const { projects } = require('../../testkit/scratch/projects');

const ROOT = path.join(__dirname, '..', '..');
const TAIWAN = { LANG: 'zh_TW.UTF-8' };
/** Texts of the source that are put into a line. */
const PARTS = new Set(['may now', 'may no longer', 'not set', 'tools, servers, skills, agents and models', 'It will read your variable {}']);
const HAS_CHINESE = /\p{Script=Han}/u;

const { project, homeWith } = projects();

describe('the language of a question', () => {
  test.each([
    ['zh_TW.UTF-8', { LANG: 'zh_TW.UTF-8' }],
    ['zh_HK', { LANG: 'zh_HK' }],
    ['zh-Hant', { LC_MESSAGES: 'zh-Hant' }],
    ['zh_Hant_TW.utf8', { LANG: 'zh_Hant_TW.utf8' }],
    ['LC_ALL before LANG', { LC_ALL: 'zh_TW.UTF-8', LC_MESSAGES: 'de_DE.UTF-8', LANG: 'C' }],
    ['LC_MESSAGES before LANG', { LC_ALL: '', LC_MESSAGES: 'zh_TW.UTF-8', LANG: 'C' }],
  ])('is Traditional Chinese with %s', (_, env) => {
    expect(languageOf(env)).toBe(CHINESE);
  });

  test.each([
    ['no locale', {}],
    ['another language', { LANG: 'de_DE.UTF-8' }],
    ['simplified characters', { LANG: 'zh_CN.UTF-8' }],
    ['Chinese without a region', { LANG: 'zh' }],
    ['a stronger variable', { LC_ALL: 'C.UTF-8', LANG: 'zh_TW.UTF-8' }],
    ['a character set that is not UTF-8', { LANG: 'zh_TW.Big5' }],
    ['a language that begins with the same letters', { LANG: 'zh_TWX' }],
  ])('is English with %s', (_, env) => {
    expect(languageOf(env)).toBe(ENGLISH);
  });

  test('is English if a program reads what is printed', () => {
    expect(languageOf(TAIWAN, { json: true })).toBe(ENGLISH);
  });
});

describe('a line of the addon', () => {
  test.each(linesOfAddon())('%s has a translation with the same names and figures', (line) => {
    const translated = inChinese(line);
    expect(translated).not.toBe(line);
    expect(translated).toMatch(HAS_CHINESE);
    expect(data(translated)).toEqual(data(line));
    expect(inChinese(`  ${line}`)).toBe(`  ${translated}`);
  });

  test('is found in the source for each part of an approval', () => {
    const lines = linesOfAddon();
    for (const part of ['Send: ', 'To: ', 'How often: ', 'With the headers: ', 'It will read your variable ', 'It will send ', 'It will use ', 'Never sent: ', 'the tier was ', 'the endpoint was ', 'the resolution was ', '"names" was ', 'headers may ', 'new ', 'removed ', 'Add ', 'The project in ']) {
      expect(lines.filter((line) => line.startsWith(part))).not.toEqual([]);
    }
    expect(lines.length).toBeGreaterThan(35);
  });
});

describe('a line without a translation', () => {
  test.each([
    'Send: everything (tier 3)',
    'It will read your variable A and B and send it there as "x"',
    'It will do something new',
    'Never sent: prompts.',
    'the tier was 1 and is now unlimited',
    'new power over this machine',
    '',
  ])('stays English: %j', (line) => {
    expect(inChinese(line)).toBe(line);
  });

  test('keeps a kind of name that is not known', () => {
    expect(inChinese('Published names: 3 models, 2 wonders')).toBe('公開名稱：模型 3 個, 2 wonders');
  });
});

test('text of a project cannot pretend to be a part of a sentence', () => {
  const name = '"A and send it there as \\"b\\""';
  expect(inChinese(`It will read your variable ${name} as a part of this address`)).toBe(`會讀取您的環境變數 ${name}，作為這個位址的一部分`);
});

test('the kinds of names are those of the preview', () => {
  const kinds = ['model', 'tool', 'mcp_server', 'mcp_tool', 'skill', 'agent_type', 'error_type', 'stop_reason', 'permission_mode'];
  const lines = replacedNames(kinds.flatMap((kind) => ['x', undefined].map((name) => ({ kind, name, sent: 'other', reason: 'private' }))));
  const items = lines.map((line) => line.replace(/ \(.*$/, ''));
  const translated = inChinese(`Replaced names: ${items.join(', ')}`).replace('會被取代的名稱：', '').split(', ');
  expect(translated.filter((item) => !/^\p{Script=Han}*( ?MCP )?\p{Script=Han}+ (x|1 個) → other$/u.test(item))).toEqual([]);
  expect(translated).toHaveLength(18);
});

test.each([
  ['y', true, true], ['Yes', true, true], ['是', false, true], [' 是 ', false, true],
  ['', false, false], ['否', false, false], ['不是', false, false], ['n', false, false], [undefined, false, false],
])('the answer %j is a yes: %s in English, %s in Chinese', (answer, inEnglish, isInChinese) => {
  expect([isApproval(answer), isApproval(answer, CHINESE)]).toEqual([inEnglish, isInChinese]);
});

describe('on a terminal in Traditional Chinese', () => {
  const config = {
    tier: 1, endpoint: 'https://otlp.example/${REGION}', headers: { authorization: 'Bearer ${TOKEN}' }, insecure: true, names: 'all', known_names: ['deploy', 'x y'],
    project: '${NAME}', resource_attributes: { zone: '${ZONE}' }, tls: { ca_file: '${CA}' }, interval_seconds: 2, queue: { max_entries: 4096 },
  };
  const env = { REGION: 'a', TOKEN: 'b', NAME: 'c', ZONE: 'd', CA: 'e' };

  test('trust asks in Chinese for the same as in English', async () => {
    const cwd = project(config);
    const home = homeWith({});
    const english = await call(['trust'], { cwd, home, env, answers: ['n'] });
    const chinese = await call(['trust'], { cwd, home, env: { ...env, ...TAIWAN }, answers: ['n'] });
    expect([english.code, chinese.code]).toEqual([4, 4]);
    expect(english.stderr).not.toMatch(HAS_CHINESE);
    const [asked, translated] = [english, chinese].map(({ stderr }) => stderr.trimEnd().split('\n'));
    expect(translated).toHaveLength(asked.length);
    expect(translated.slice(0, -1).filter((line) => !HAS_CHINESE.test(line))).toEqual([]);
    expect(translated.slice(0, -1).map(data)).toEqual(asked.slice(0, -1).map(data));
    // An error stays English.
    expect(translated.at(-1)).toBe('要核准嗎？輸入 y 或「是」表示核准 [y/N] Not approved.');
  });

  test('trust takes a Chinese yes, shows what was approved, and then what has changed', async () => {
    const cwd = project(config);
    const home = homeWith({});
    const approved = await call(['trust'], { cwd, home, env: { ...env, ...TAIWAN }, answers: ['是'] });
    expect(approved.code).toBe(0);
    expect(approved.stdout.split('\n')[0]).toBe(`已核准 ${cwd}：`);
    expect(approved.stdout.trimEnd().split('\n').filter((line) => !HAS_CHINESE.test(line))).toEqual([]);
    fs.writeFileSync(path.join(cwd, '.ccxray.json'), JSON.stringify({ otel: { ...config, endpoint: 'https://other.example', insecure: false } }));
    const { stderr } = await call(['trust'], { cwd, home, env: { ...env, ...TAIWAN }, answers: ['n'] });
    expect(stderr).toContain('自您上次核准後的變更：\n  端點原為 https://otlp.example/${REGION}，現為 https://other.example\n  標頭不再能以未加密的方式傳送\n  移除環境變數 REGION@endpoint\n');
  });

  test('JSON stays English', async () => {
    const cwd = project(config);
    const home = homeWith({});
    const { code, stdout, stderr } = await call(['trust', '--yes', '--json'], { cwd, home, env: { ...env, ...TAIWAN } });
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(HAS_CHINESE);
    expect(JSON.parse(stdout).approved.terms).toMatch(/^Send: anonymous numbers \(tier 1\)\n/);
  });

  test('trust shows a Chinese summary', async () => {
    const cwd = project({ tier: 1, endpoint: 'https://otlp.example', known_names: ['OwnTool'] });
    const home = homeWith({});
    writeLogs(path.join(home, '.ccxray', 'logs'), ['Bash', 'AcmeDeploy', 'OwnTool'].map((tool, index) => ({ line: JSON.stringify({ ...JSON.parse(toolTurn(tool)), id: `t${index}`, receivedAt: Date.now() }) })));
    const { stderr } = await call(['trust'], { cwd, home, env: TAIWAN, answers: ['n'] });
    expect(stderr).toContain('將會傳送以下內容（依紀錄檔中最新的 3 個回合計算）：\n  每 60 秒：請求 1 個，序列 ');
    expect(stderr).toMatch(/^ {2}公開名稱：.*工具 1 個/m);
    expect(stderr).toMatch(/^ {2}您自己的名稱：OwnTool$/m);
    expect(stderr).toMatch(/^ {2}會被取代的名稱：工具 AcmeDeploy → custom$/m);
  });

  test('replay asks in Chinese for the same as in English', async () => {
    const home = homeWith({});
    writeLogs(path.join(home, '.ccxray', 'logs'), [['2026-01-15'], ['2026-01-17']].map(([day]) => ({ line: turn({ id: day, receivedAt: Date.parse(day) + 3_600_000, elapsed: '1.0' }) })));
    const argv = ['replay', '--endpoint', 'https://otlp.example', '--project', 'shop', '--team', 'payments', '--again'];
    const tenant = { OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a' };
    const english = await call(argv, { cwd: project(), home, env: tenant, answers: ['n'] });
    const chinese = await call(argv, { cwd: project(), home, env: { ...tenant, ...TAIWAN }, answers: ['n'] });
    const [asked, translated] = [english, chinese].map(({ stderr }) => stderr.trimEnd().split('\n').slice(0, -1));
    expect(translated[0]).toBe('將會傳送 2 天（2026-01-15 至 2026-01-17，UTC）的 2 個回合：');
    expect(translated).toContain('  專案：shop，團隊：payments');
    expect(translated.filter((line) => !HAS_CHINESE.test(line))).toEqual([]);
    expect(translated.map(data)).toEqual(asked.map(data));
  });

  test('init asks in Chinese before it writes', async () => {
    const cwd = project();
    const { code, stdout, stderr } = await call(['init'], { cwd, home: homeWith({}), env: TAIWAN, answers: ['', '', '1', 'shop', '是', 'n'] });
    expect(code).toBe(0);
    expect(stderr).toContain('查看確切內容：ccxray-otel preview\n要寫入並核准嗎？輸入 y 或「是」表示同意 [y/N] ');
    expect(stdout).toContain('Written: ');
  });

  test('init asks in Chinese before it approves what was there', async () => {
    const cwd = project(config);
    const { code, stdout, stderr } = await call(['init', '--team', 'payments'], { cwd, home: homeWith({}), env: { ...env, ...TAIWAN }, answers: ['是', 'n'] });
    expect({ code, first: stderr.split('\n')[0] }).toEqual({ code: 0, first: `${cwd} 的專案要求：` });
    expect(stdout).toContain(`已核准 ${cwd}：\n  傳送：匿名的數字（層級 1）\n`);
  });
});

/** What a translation must not change: words with Latin letters that are names, addresses, and figures. */
function data(line) {
  const found = line.match(/https?:\/\/[^\s，]+|\.ccxray[\w.]*|"(?:[^"\\]|\\.)*"|[A-Z_]{2,}(?:@[\w.]+)?|\d[\d.,]*\d|\d|\/[\w/.-]+/g) ?? [];
  found.sort();
  return found.filter((word) => !['MCP', 'UTC'].includes(word));
}

/** Every line that the addon can ask with, made from the texts of its source. */
function linesOfAddon() {
  const terms = source('src/config/approval/terms.rs');
  const [what, rhythms] = ['fn what', 'fn how_often'].map((name) => literals(bodyOf(terms, name)));
  const kinds = Array.from(bodyOf(terms, 'pub fn changes_since').matchAll(/\("([^"]+)", \w+, &approved/g), ([, kind]) => kind);
  const fill = (text) => {
    if (text.startsWith('Send: ')) return what.map((sent) => `Send: ${sent}`);
    if (text.startsWith('How often: ')) return rhythms.map((rhythm) => `How often: ${rhythm}`);
    if (text.startsWith('headers {is}')) return ['may now', 'may no longer'].map((is) => text.replace('{is}', is));
    if (text.startsWith('"names" was')) return ['"names" was known and is now all'];
    if (text.startsWith('the tier was')) return ['1 and is now 2', 'not set and is now 1'].map((is) => `the tier was ${is}`);
    if (text.includes('{what}')) return kinds.map((kind) => text.replace('{what}', kind).replace('{}', '"x y"'));
    return [text.replace('{reads}', 'It will read your variable TOKEN').replace('{PERSONAL_FILE}', '.ccxray.user.json').replace(/\{(kinds)\}/, 'tools, servers, skills, agents and models')
      .replaceAll(/\{\w+:\?\}/g, '"tls.ca_file"').replaceAll(/\{(was|is|settings)\}/g, 'https://a.example/9').replaceAll(/\{\w*\}/g, '/x/y')];
  };
  const own = ['pub fn changes_since', 'pub fn text', 'fn details', 'fn use_of'].flatMap((name) => literals(bodyOf(terms, name)));
  const [, never] = /const NEVER_SENT: &str = "([^"]+)";/.exec(terms);
  const written = literals(bodyOf(source('src/config/init/write.rs'), 'pub fn init')).filter((text) => /^(?:Add|The project) /.test(text)).map((text) => text.split('\\n')[0]);
  // A new text of the source is a line until it is listed as a part of one.
  const sentences = [...own, ...written].filter((text) => text.trim().includes(' ') && !PARTS.has(text) && !kinds.includes(text));
  return [...new Set([...sentences.flatMap(fill), never])];
}

function source(file) {
  return fs.readFileSync(path.join(ROOT, file), 'utf8').split('#[cfg(test)]\nmod')[0];
}

/** The body of a function, from its name to the end of its block. */
function bodyOf(text, name) {
  const lines = text.slice(text.indexOf(`${name}(`)).split('\n');
  const from = text.lastIndexOf('\n', text.indexOf(`${name}(`)) + 1;
  const indent = ' '.repeat(text.indexOf(name, from) - from);
  const end = lines.findIndex((line) => line === `${indent}}`);
  if (end < 0) throw new Error(`${name} was not found.`);
  return lines.slice(0, end).join('\n');
}

/** The texts in double quotes. */
function literals(code) {
  return Array.from(code.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, text]) => text.replaceAll('\\"', '"'));
}
