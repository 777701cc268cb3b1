'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { untrusted, APPROVAL } = require('../../testkit/notice');
const { circular, revoked, throwing } = require('../../testkit/odd-objects');
const { PERSONAL_FILE, PROJECT_FILE, projects } = require('../../testkit/scratch/projects');
const { ASKED, ELSEWHERE, messageOf, approvalsIn } = require('../../testkit/consent');

const hasGit = isThere('git');

const { project, homeWith } = projects();

beforeAll(() => addon.shutdown(1));
afterEach(() => addon.shutdown(1));

describe('initConfig', () => {
  test('writes both files, allows what they ask for, and does nothing the second time', () => {
    const given = { cwd: project(), home: homeWith('{}'), env: {} };
    const files = [path.join(given.cwd, PROJECT_FILE), path.join(given.home, PERSONAL_FILE)];
    const wanted = { ...given, project: { ...ELSEWHERE, project: 'shop', team: 'payments' }, personal: { tier: 1 } };
    const trust = { directory: given.cwd, terms: ASKED, changes: [], file: approvalsIn(given.home) };
    expect(addon.initConfig(wanted)).toEqual({ written: files, unchanged: [], asks: [], trust });
    expect(files.map((file) => JSON.parse(fs.readFileSync(file, 'utf8')))).toEqual([{ otel: wanted.project }, { otel: { tier: 1 } }]);
    expect(addon.initConfig(wanted)).toEqual({ written: [], unchanged: files, asks: [], trust });
    expect(addon.init(given)).toMatchObject({ state: 'active', tier: 1, project: 'shop', team: 'payments', trust: APPROVAL.allowed });
  });

  test('leaves everything else in a file as it is', () => {
    const cwd = project('{\n\t"theme": "dark",\n\t"otel": { "tier": 0, "team": "payments" },\n\t"hub": [1,  2]\n}\n');
    addon.initConfig({ cwd, home: homeWith({}), env: {}, project: ELSEWHERE, yes: true });
    const text = fs.readFileSync(path.join(cwd, PROJECT_FILE), 'utf8');
    expect(JSON.parse(text)).toEqual({ theme: 'dark', otel: { ...ELSEWHERE, team: 'payments' }, hub: [1, 2] });
    expect(text).toMatch(/^\{\n\t"theme": "dark",\n\t"otel": \{[^]*\},\n\t"hub": \[1, {2}2\]\n\}\n$/);
  });

  test.each([
    ['nothing', {}],
    ['the engineer\'s own word', { personal: { tier: 1 } }],
    ['another word of the project', { project: { team: 'payments' } }],
  ])('asks before it allows what stood in the project before, though %s is to be written', (_, wanted) => {
    const given = { cwd: project(ELSEWHERE), home: homeWith({}), env: {} };
    const asks = [`allow what the config in ${given.cwd} asks for: ${ASKED}`];
    expect(addon.initConfig({ ...given, ...wanted })).toEqual({ written: [], unchanged: [], asks });
    expect(JSON.parse(fs.readFileSync(path.join(given.cwd, PROJECT_FILE), 'utf8'))).toEqual({ otel: ELSEWHERE });
    expect(addon.init(given)).toMatchObject({ state: 'disabled', reason: untrusted(given.cwd, ASKED) });
    addon.shutdownSync(0);
    expect(addon.initConfig({ ...given, ...wanted, yes: true })).toMatchObject({ asks: [], trust: { terms: ASKED } });
    expect(addon.init(given)).toMatchObject({ state: 'active', trust: APPROVAL.allowed });
  });

  (hasGit ? test : test.skip)('asks before it changes what the repository ignores, and writes nothing until then', () => {
    const cwd = project();
    execFileSync('git', ['init', '--quiet'], { cwd });
    const wanted = { cwd, home: homeWith({}), env: { PATH: process.env.PATH }, project: ELSEWHERE, personal: { tier: 2, identity: 'ann', place: 'project' } };
    const ignored = path.join(cwd, '.gitignore');
    expect(addon.initConfig(wanted)).toEqual({ written: [], unchanged: [], asks: [`add ${PERSONAL_FILE} to ${ignored}`] });
    expect({ cwd: fs.readdirSync(cwd), home: fs.readdirSync(wanted.home) }).toEqual({ cwd: ['.git'], home: [PERSONAL_FILE] });
    const { written, trust } = addon.initConfig({ ...wanted, yes: true });
    expect(new Set(written)).toEqual(new Set([PROJECT_FILE, PERSONAL_FILE, '.gitignore'].map((name) => path.join(cwd, name))));
    expect(trust).toMatchObject({ terms: ASKED });
    expect(fs.readFileSync(ignored, 'utf8')).toBe(`${PERSONAL_FILE}\n`);
    const { otel } = JSON.parse(fs.readFileSync(path.join(cwd, PERSONAL_FILE), 'utf8'));
    expect(otel).toEqual({ tier: 2, identity: 'ann', opt_in_acknowledged_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
  });

  test.each([
    ['a password in the endpoint', { tier: 1, endpoint: 'https://me:s3cret@collector.invalid' }, /: otel\.endpoint: here stands a literal secret \(user and password of a URL\); /],
    ['an endpoint that is no URL', { tier: 1, endpoint: 'collector' }, /:\d+:\d+: otel\.endpoint: the endpoint is not an http:\/\/ or https:\/\/ URL without user and password; write it as /],
    ['no endpoint', { tier: 1 }, /: otel\.endpoint: telemetry is switched on, but no endpoint is named; /],
  ])('writes no config with %s', (_, wanted, says) => {
    const [cwd, home] = [project(), homeWith({})];
    const message = messageOf(() => addon.initConfig({ cwd, home, env: {}, project: wanted }));
    expect(message).toMatch(says);
    expect(message).not.toContain('s3cret');
    expect({ cwd: fs.readdirSync(cwd), home: fs.readdirSync(home) }).toEqual({ cwd: [], home: [PERSONAL_FILE] });
  });

  test('writes no config over one that is broken', () => {
    const cwd = project('{');
    expect(messageOf(() => addon.initConfig({ cwd, home: homeWith({}), env: {}, project: ELSEWHERE }))).toBe(
      `${path.join(cwd, PROJECT_FILE)}:1:1: this is not valid JSON; correct the JSON`,
    );
    expect(fs.readFileSync(path.join(cwd, PROJECT_FILE), 'utf8')).toBe('{');
  });
});

describe('initConfig refuses what it does not understand, and names it', () => {
  test.each([
    ['a number', 5, 'expected an object, not a number; correct this option'],
    ['a string', '/tmp', 'expected an object, not a string; correct this option'],
    ['a list', [], 'expected an object, not a list; correct this option'],
    ['a function', () => ({}), 'expected an object, not a function; correct this option'],
    ['an unknown option', { porject: {} }, 'porject: there is no such option (expected one of cwd, home, env, project, personal, yes); correct its name'],
    ['a number for the project', { project: 5 }, 'project: expected an object, not a number; correct this option'],
    ['a list for the engineer', { personal: [] }, 'personal: expected an object, not a list; correct this option'],
    ['an unknown setting of the project', { project: { teir: 1 } }, 'project.teir: there is no such option (expected one of tier, endpoint, project, team); correct its name'],
    ['an unknown setting of the engineer', { personal: { name: 'ann' } }, 'personal.name: there is no such option (expected one of tier, identity, place); correct its name'],
    ['tier 3', { project: { tier: 3 } }, 'project.tier: it is no tier; write 0, 1 or 2'],
    ['tier 1.5', { personal: { tier: 1.5 } }, 'personal.tier: it is no tier; write 0, 1 or 2'],
    ['a string for a tier', { project: { tier: '1' } }, 'project.tier: it is no tier; write 0, 1 or 2'],
    ['no number for a tier', { project: { tier: Number.NaN } }, 'project.tier: it is no tier; write 0, 1 or 2'],
    ['a number for an endpoint', { project: { endpoint: 5 } }, 'project.endpoint: expected a string, not a number; correct this option'],
    ['an object for an identity', { personal: { identity: {} } }, 'personal.identity: expected a string, not an object; correct this option'],
    ['another place', { personal: { place: 'here' } }, "personal.place: there is no such place; write 'home' or 'project'"],
    ['a string for a yes', { yes: 'yes' }, 'yes: expected a boolean, not a string; correct this option'],
    ['a getter that throws', throwing('project'), 'project: reading it throws; give a plain object'],
    ['a getter that throws further in', { project: throwing('tier') }, 'project.tier: reading it throws; give a plain object'],
    ['a revoked Proxy further in', { personal: revoked() }, 'personal: reading it throws; give a plain object'],
    ['itself within itself', circular('project'), 'project.project: expected a string, not an object; correct this option'],
  ])('%s', (_, given, says) => {
    expect(messageOf(() => addon.initConfig(given))).toBe(`options: ${says}`);
  });

  test('and writes nothing', () => {
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
