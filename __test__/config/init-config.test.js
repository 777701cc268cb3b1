'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { asks: asksFor, BASIS, untrusted } = require('../../testkit/notice');
const { circular, revoked, throwing } = require('../../testkit/odd-objects');
const { PERSONAL_FILE, PROJECT_FILE, projects } = require('../../testkit/scratch/projects');
const { ASKED, ELSEWHERE, messageOf, approvalsIn } = require('../../testkit/consent');

const hasGit = isThere('git');

const { project, homeWith } = projects();

beforeAll(() => addon.shutdown(1));
afterEach(() => addon.shutdown(1));

describe('initConfig', () => {
  test('writes both files, approves them, and changes nothing the second time', () => {
    const given = { cwd: project(), home: homeWith('{}'), env: {} };
    const files = [path.join(given.cwd, PROJECT_FILE), path.join(given.home, PERSONAL_FILE)];
    const wanted = { ...given, project: { ...ELSEWHERE, project: 'shop', team: 'payments' }, personal: { tier: 1 } };
    const trust = { directory: given.cwd, terms: ASKED.terms, changes: [], file: approvalsIn(given.home) };
    expect(addon.initConfig(wanted)).toEqual({ written: files, unchanged: [], asks: [], trust });
    expect(files.map((file) => JSON.parse(fs.readFileSync(file, 'utf8')))).toEqual([{ otel: wanted.project }, { otel: { tier: 1 } }]);
    expect(addon.initConfig(wanted)).toEqual({ written: [], unchanged: files, asks: [], trust });
    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 1, project: 'shop', team: 'payments', trust: BASIS.approved });
  });

  test('keeps all other content of a file', () => {
    const cwd = project('{\n\t"theme": "dark",\n\t"otel": { "tier": 0, "team": "payments" },\n\t"hub": [1,  2]\n}\n');
    addon.initConfig({ cwd, home: homeWith({}), env: {}, project: ELSEWHERE, yes: true });
    const text = fs.readFileSync(path.join(cwd, PROJECT_FILE), 'utf8');
    expect(JSON.parse(text)).toEqual({ theme: 'dark', otel: { ...ELSEWHERE, team: 'payments' }, hub: [1, 2] });
    expect(text).toMatch(/^\{\n\t"theme": "dark",\n\t"otel": \{[^]*\},\n\t"hub": \[1, {2}2\]\n\}\n$/);
  });

  test.each([
    ['nothing', {}],
    ['a setting of the user', { personal: { tier: 1 } }],
    ['another setting of the project', { project: { team: 'payments' } }],
  ])('asks before it approves older settings, though %s is to be written', (_, wanted) => {
    const given = { cwd: project(ELSEWHERE), home: homeWith({}), env: {} };
    const asks = [`The project in ${given.cwd} asks for:\n  ${ASKED.terms.replaceAll('\n', '\n  ')}`];
    expect(addon.initConfig({ ...given, ...wanted })).toEqual({ written: [], unchanged: [], asks });
    expect(JSON.parse(fs.readFileSync(path.join(given.cwd, PROJECT_FILE), 'utf8'))).toEqual({ otel: ELSEWHERE });
    expect(addon.init(given)).toMatchObject({ state: 'disabled', reason: untrusted(given.cwd, ASKED) });
    addon.shutdownSync(0);
    expect(addon.initConfig({ ...given, ...wanted, yes: true })).toMatchObject({ asks: [], trust: { terms: ASKED.terms } });
    expect(addon.init(given)).toMatchObject({ state: 'active', trust: BASIS.approved });
  });

  (hasGit ? test : test.skip)('asks before it changes .gitignore, and writes nothing until then', () => {
    const cwd = project();
    execFileSync('git', ['init', '--quiet'], { cwd });
    const wanted = { cwd, home: homeWith({}), env: { PATH: process.env.PATH }, project: ELSEWHERE, personal: { tier: 2, identity: 'ann', place: 'project' } };
    const ignored = path.join(cwd, '.gitignore');
    expect(addon.initConfig(wanted)).toEqual({ written: [], unchanged: [], asks: [`Add ${PERSONAL_FILE} to ${ignored}`] });
    expect({ cwd: fs.readdirSync(cwd), home: fs.readdirSync(wanted.home) }).toEqual({ cwd: ['.git'], home: [PERSONAL_FILE] });
    const { written, trust } = addon.initConfig({ ...wanted, yes: true });
    expect(new Set(written)).toEqual(new Set([PROJECT_FILE, PERSONAL_FILE, '.gitignore'].map((name) => path.join(cwd, name))));
    const details = ['It will use these settings of .ccxray.user.json: tier=2, identity=ann'];
    expect(trust).toMatchObject({ terms: asksFor(ELSEWHERE.endpoint, details).terms });
    expect(fs.readFileSync(ignored, 'utf8')).toBe(`${PERSONAL_FILE}\n`);
    const { otel } = JSON.parse(fs.readFileSync(path.join(cwd, PERSONAL_FILE), 'utf8'));
    expect(otel).toEqual({ tier: 2, identity: 'ann', opt_in_acknowledged_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
  });

  test.each([
    ['a password in the endpoint', { tier: 1, endpoint: 'https://me:s3cret@collector.invalid' }, /: otel\.endpoint: This looks like a real user and password of a URL\. Move it /],
    ['an invalid endpoint', { tier: 1, endpoint: 'collector' }, /:\d+:\d+: The endpoint has no http:\/\/ or https:\/\/\. Write it like "http:\/\/127\.0\.0\.1:4318"\.$/],
    ['no endpoint', { tier: 1 }, /: otel\.endpoint: Telemetry is on, but there is no endpoint\. Add /],
  ])('writes no config with %s', (_, wanted, expected) => {
    const [cwd, home] = [project(), homeWith({})];
    const message = messageOf(() => addon.initConfig({ cwd, home, env: {}, project: wanted }));
    expect(message).toMatch(expected);
    expect(message).not.toContain('s3cret');
    expect({ cwd: fs.readdirSync(cwd), home: fs.readdirSync(home) }).toEqual({ cwd: [], home: [PERSONAL_FILE] });
  });

  test('does not overwrite a broken config', () => {
    const cwd = project('{');
    expect(messageOf(() => addon.initConfig({ cwd, home: homeWith({}), env: {}, project: ELSEWHERE }))).toBe(
      `${path.join(cwd, PROJECT_FILE)}:1:1: This is not valid JSON. Correct it here.`,
    );
    expect(fs.readFileSync(path.join(cwd, PROJECT_FILE), 'utf8')).toBe('{');
  });
});

describe('initConfig refuses unknown options, and names them', () => {
  test.each([
    ['a number', 5, 'This is a number. Use an object.'],
    ['a string', '/tmp', 'This is a string. Use an object.'],
    ['a list', [], 'This is a list. Use an object.'],
    ['a function', () => ({}), 'This is a function. Use an object.'],
    ['an unknown option', { porject: {} }, 'porject: There is no such option. Use one of cwd, home, env, project, personal, yes.'],
    ['a number for the project', { project: 5 }, 'project: This is a number. Use an object.'],
    ['a list for the personal file', { personal: [] }, 'personal: This is a list. Use an object.'],
    ['an unknown setting of the project', { project: { teir: 1 } }, 'project.teir: There is no such option. Use one of tier, endpoint, project, team, headers, temporality.'],
    ['an unknown setting of the personal file', { personal: { name: 'ann' } }, 'personal.name: There is no such option. Use one of tier, identity, place.'],
    ['tier 3', { project: { tier: 3 } }, 'project.tier: 3 is not a tier. Use 0, 1 or 2.'],
    ['tier 1.5', { personal: { tier: 1.5 } }, 'personal.tier: 1.5 is not a tier. Use 0, 1 or 2.'],
    ['a string for a tier', { project: { tier: '1' } }, 'project.tier: "1" is not a tier. Use 0, 1 or 2.'],
    ['no number for a tier', { project: { tier: Number.NaN } }, 'project.tier: NaN is not a tier. Use 0, 1 or 2.'],
    ['a large number for a tier', { project: { tier: 1e300 } }, 'project.tier: 1e+300 is not a tier. Use 0, 1 or 2.'],
    ['an object for a tier', { project: { tier: {} } }, 'project.tier: This is an object. Use 0, 1 or 2.'],
    ['a long text for a tier', { project: { tier: 'x'.repeat(1000) } }, 'project.tier: This value is not a tier. Use 0, 1 or 2.'],
    ['a terminal sequence for a tier', { project: { tier: '\u001b[2J"' } }, 'project.tier: This value is not a tier. Use 0, 1 or 2.'],
    ['a number for an endpoint', { project: { endpoint: 5 } }, 'project.endpoint: This is a number. Use a string.'],
    ['an object for an identity', { personal: { identity: {} } }, 'personal.identity: This is an object. Use a string.'],
    ['another place', { personal: { place: 'here' } }, 'personal.place: "here" is not a place. Use "home" or "project".'],
    ['a string for a yes', { yes: 'yes' }, 'yes: This is a string. Use true or false.'],
    ['a getter that throws', throwing('project'), 'project: Reading this throws an error. Use a plain object.'],
    ['a getter that throws further in', { project: throwing('tier') }, 'project.tier: Reading this throws an error. Use a plain object.'],
    ['a revoked Proxy further in', { personal: revoked() }, 'personal: Reading this throws an error. Use a plain object.'],
    ['itself within itself', circular('project'), 'project.project: This is an object. Use a string.'],
  ])('%s', (_, given, message) => {
    expect(messageOf(() => addon.initConfig(given))).toBe(`options: ${message}`);
  });

  test('then it writes nothing', () => {
    const [cwd, home] = [project(), homeWith({})];
    messageOf(() => addon.initConfig({ cwd, home, env: {}, project: ELSEWHERE, personal: { tier: 3 } }));
    expect({ cwd: fs.readdirSync(cwd), home: fs.readdirSync(home) }).toEqual({ cwd: [], home: [PERSONAL_FILE] });
  });
});

function isThere(command) {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
