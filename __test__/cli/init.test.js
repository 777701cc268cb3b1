'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { BACKENDS } = require('../../cli/backends');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { approved, asked, NOT_A_TERMINAL } = require('../../testkit/cli/approval');
const { call } = require('../../testkit/cli/call');
const { asks, reads } = require('../../testkit/notice');
const { projects, PROJECT_FILE } = require('../../testkit/scratch/projects');

const FAR = 'https://otlp.example';
const NEAR = 'http://127.0.0.1:9';
const TERMS = asks(FAR);

const { project, homeWith } = projects();

/** A home for each test: an approval in one does not count in another. */
let home;

beforeEach(() => {
  home = homeWith({});
});

const cli = (argv, cwd, more) => call(argv, { cwd, home, ...more });
const configOf = (directory) => JSON.parse(fs.readFileSync(path.join(directory, PROJECT_FILE), 'utf8')).otel;
const rewrite = (directory, config) => fs.writeFileSync(path.join(directory, PROJECT_FILE), JSON.stringify({ otel: config }));
const trustFile = () => path.join(home, '.ccxray', 'otel-trust.json');

/** A new directory that is a git repository. */
function repository(config) {
  const directory = project(config);
  spawnSync('git', ['init', '--quiet', directory]);
  return directory;
}

test('writes and approves a file with tier 1', async () => {
  const cwd = project();
  const file = path.join(cwd, PROJECT_FILE);
  expect(await cli(['init', '--endpoint', FAR, '--team', 'payments'], cwd)).toEqual({
    code: 0,
    stdout: `Written: ${file}\n${approved(cwd, TERMS, home)}Telemetry is on (tier 1, anonymous). It sends to ${FAR}/v1/metrics (approved by you).\n`,
    stderr: '',
  });
  expect(configOf(cwd)).toEqual({ tier: 1, endpoint: FAR, team: 'payments' });
  expect((await cli(['init', '--endpoint', FAR], cwd)).stdout).toMatch(`Unchanged: ${file}\n`);
});

test('changes only what its options name', async () => {
  const cwd = project({ tier: 1, endpoint: NEAR, names: 'all' });
  expect((await cli(['init', '--team', 'payments', '--yes'], cwd)).code).toBe(0);
  expect(configOf(cwd)).toEqual({ tier: 1, endpoint: NEAR, names: 'all', team: 'payments' });
});

test.each([
  ['the user', ['--tier', '2', '--identity', 'ada'], undefined, { tier: 2, identity: 'ada' }],
  ['the user, at home', ['--tier', '0', '--personal', 'home'], undefined, { tier: 0 }],
  ['both, at tier 1', ['--tier', '1', '--endpoint', NEAR, '--identity', 'ada'], { tier: 1, endpoint: NEAR }, { tier: 1, identity: 'ada' }],
  ['the user alone, at tier 2', ['--tier', '2', '--endpoint', NEAR, '--identity', 'ada'], { endpoint: NEAR }, { tier: 2, identity: 'ada', opt_in_acknowledged_at: expect.stringMatching(/^\d{4}-/) }],
])('writes the tier for %s', async (_, options, shared, own) => {
  const cwd = project();
  await cli(['init', ...options], cwd, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: NEAR } });
  expect(fs.existsSync(path.join(cwd, PROJECT_FILE)) ? configOf(cwd) : undefined).toEqual(shared);
  expect(JSON.parse(fs.readFileSync(path.join(home, '.ccxray.user.json'), 'utf8')).otel).toMatchObject(own);
});

test('asks for missing values and suggests answers', async () => {
  const cwd = project();
  const { code, stdout, stderr } = await cli(['init'], cwd, { answers: ['', '', '2', 'ada', '', 'y', 'n'] });
  expect(code).toBe(0);
  const [backends, questions] = stderr.split('Which backend? ');
  expect(backends.replaceAll(/\s+/g, ' ')).toBe(`Backends: ${Object.keys(BACKENDS).join(', ')}, other `);
  expect(questions).toBe(`[collector] To which URL are the numbers sent? [http://127.0.0.1:4318] How much may be sent (0 nothing, 1 anonymous numbers, 2 with your name)? [1] Under which name? [required] What is the name of the project? [${path.basename(cwd)}] See exactly what: ccxray-otel preview\nWrite this, and approve it? [y/N] Send an empty request now, to see whether it arrives? [Y/n] `);
  expect(configOf(cwd)).toEqual({ endpoint: 'http://127.0.0.1:4318', project: path.basename(cwd) });
  expect(stdout).toMatch(/Telemetry is on \(tier 2, named\)\. .*\nTo do it later: ccxray-otel check --connect\n$/);
});

test('writes nothing without a yes at the end', async () => {
  for (const last of ['n', '', 'what']) {
    const cwd = project();
    expect(await cli(['init'], cwd, { answers: ['', '', '', '', last] })).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/Nothing is written\.\n$/) });
    expect(fs.readdirSync(cwd)).toEqual([]);
  }
});

test('repeats a question after an invalid value', async () => {
  const cwd = project();
  const { code, stderr } = await cli(['init'], cwd, { answers: ['prom', 'prometheus', '', '7', '1', '', 'y', 'n'] });
  expect(code).toBe(0);
  expect(stderr).toMatch(/"prom" is not a known backend\. Use collector, .* or other\.\nWhich backend\? \[collector\] /);
  expect(stderr).toMatch(/"7" is not a tier\. Use 0, 1 or 2\.\nHow much may be sent/);
  expect(configOf(cwd)).toMatchObject({ tier: 1, endpoint: 'http://127.0.0.1:9090/api/v1/otlp' });
});

test('reports what is written before a variable that is not set', async () => {
  const cwd = project();
  const { code, stdout, stderr } = await cli(['init', '--backend', 'honeycomb'], cwd);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Written: .*\nApproved for /);
  expect(stderr).toMatch(/The variable HONEYCOMB_KEY is not set or is empty\./);
});

test('needs a terminal for questions', async () => {
  for (const argv of [['init'], ['init', '--tier', '1']]) {
    expect(await cli(argv, project({}))).toEqual({ code: 4, stdout: '', stderr: 'Not a terminal, so I cannot ask. Add --endpoint, --backend, --identity or --personal.\n' });
  }
});

test('asks for the variables of a backend, and for what only the user knows', async () => {
  const cwd = project();
  const answers = ['grafana-cloud', 'https://otlp-gateway-eu.grafana.net', 'MY_TOKEN', '', 'shop', 'y', 'n'];
  const { code, stderr } = await cli(['init'], cwd, { answers, env: { MY_TOKEN: 'x' } });
  expect(code).toBe(0);
  expect(stderr).toContain('Like https://otlp-gateway-ZONE.grafana.net/otlp, with your ZONE: [required] Which environment variable has the value for the header authorization? [GRAFANA_OTLP_BASIC] ');
  expect(configOf(cwd)).toEqual({ tier: 1, endpoint: 'https://otlp-gateway-eu.grafana.net/otlp', project: 'shop', headers: { authorization: 'Basic ${MY_TOKEN}' } });
});

test('offers to send an empty request, and shows whether it arrives', async () => {
  const receiver = await startReceiver();
  const cwd = project({ tier: 1, endpoint: receiver.endpoint });
  let arrived;
  try {
    arrived = await cli(['init', '--team', 'payments', '--no-color'], cwd, { answers: [''] });
    expect(receiver.requests.accepted).toBe(1);
  } finally {
    await receiver.close();
  }
  expect(arrived.code).toBe(0);
  expect(arrived.stdout).toMatch(/\n\none empty request\n[^]*\nThe backend takes what this project sends\.\n$/);
  const failed = await cli(['init', '--team', 'shop'], cwd, { answers: ['y'] });
  expect(failed.code).toBe(5);
  expect(failed.stdout).toMatch(/failed +connection[^]*connection refused/);
});

test('takes no secret instead of a variable', async () => {
  const cwd = project();
  const { code, stdout, stderr } = await cli(['init'], cwd, { answers: ['honeycomb', '', 'hcaik_01-secret', 'hcaik_01-secret', 'hcaik_01-secret'] });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/This is not the name of a variable\. Do not type a secret here\. /);
  expect(stderr).not.toContain('hcaik');
  expect(fs.readdirSync(cwd)).toEqual([]);
});

test.each(Object.entries(BACKENDS))('writes what the docs say for %s', async (name, { title, endpoint, temporality }) => {
  const page = fs.readFileSync(path.join(__dirname, '..', '..', 'docs', 'backends.md'), 'utf8');
  const example = JSON.parse(page.split(`\n## ${title}\n`)[1].split('```')[1].replace('json', '')).otel;
  const cwd = project();
  const env = Object.fromEntries(Object.values(example.headers ?? {}).flatMap((value) => [...value.matchAll(/\$\{(\w+)\}/g)].map(([, variable]) => [variable, 'x'])));
  const options = /[A-Z]{4}/.test(endpoint) ? ['--endpoint', new URL(example.endpoint).origin] : [];
  expect((await cli(['init', '--backend', name, '--project', 'shop', ...options], cwd, { env })).code).toBe(0);
  const { team: _, ...expected } = example;
  expect(configOf(cwd)).toEqual({ ...expected, endpoint: options.length > 0 ? example.endpoint : endpoint, ...(temporality && { temporality }) });
});

test('changes a header, whatever its case is', async () => {
  const cwd = project({ tier: 1, endpoint: FAR, headers: { 'X-Scope-OrgID': 'a' } });
  await cli(['init', '--header', 'x-scope-orgid=c', '--header', 'authorization=Bearer ${CANARY}', '--yes'], cwd, { env: { CANARY: 'x' } });
  expect(configOf(cwd).headers).toEqual({ 'X-Scope-OrgID': 'c', authorization: 'Bearer ${CANARY}' });
});

test('refuses a secret in a header, and does not repeat it', async () => {
  const cwd = project();
  const { code, stdout, stderr } = await cli(['init', '--endpoint', FAR, '--header', 'authorization=Bearer glc_eyJvIjoiMTIzNDU2IiwibiI6ImNjeHJheSJ9'], cwd);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toContain('eyJvIjoi');
  expect(fs.readdirSync(cwd)).toEqual([]);
});

test('prints JSON', async () => {
  const cwd = project();
  const { code, stdout, stderr } = await cli(['init', '--endpoint', FAR, '--json'], cwd);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ written: [path.join(cwd, PROJECT_FILE)], unchanged: [], approved: { terms: TERMS.terms }, status: { state: 'active', tier: 1 } });
});

test('changes nothing after an empty answer', async () => {
  const cwd = project({ tier: 1, endpoint: NEAR });
  const { code, stderr } = await cli(['init', '--tier', '0'], cwd, { answers: ['', ' shop ', 'y'] });
  expect(code).toBe(0);
  expect(stderr).toBe('To which URL are the numbers sent? [unchanged] What is the name of the project? [unchanged] Write this, and approve it? [y/N] ');
  expect(configOf(cwd)).toEqual({ tier: 0, endpoint: NEAR, project: 'shop' });
});

test('uses name and root of the repository', async () => {
  const root = repository();
  const below = path.join(root, 'src');
  fs.mkdirSync(below);
  await cli(['init'], below, { answers: ['', '', '', '', 'y', 'n'] });
  expect(configOf(root)).toMatchObject({ project: path.basename(root) });
});

test.each([
  [['', '', '9', '8', '7'], 2, /^--tier: "7" is not a tier\. Use 0, 1 or 2\. /m],
  [[''], 4, /There was no answer, so nothing is written\./],
])('writes nothing after the answers %j', async (answers, expected, message) => {
  const cwd = project();
  const { code, stderr } = await cli(['init'], cwd, { answers });
  expect(code).toBe(expected);
  expect(stderr.replace(/^.*\] /gm, '')).toMatch(message);
  expect(fs.readdirSync(cwd)).toEqual([]);
});

test('changes no other file without approval', async () => {
  const cwd = repository();
  const init = ['init', '--personal', 'project', '--tier', '0'];
  const refused = await cli(init, cwd);
  expect(refused).toEqual({ code: 4, stdout: '', stderr: `Add .ccxray.user.json to ${cwd}/.gitignore\n${NOT_A_TERMINAL}` });
  expect((await cli(init, cwd, { answers: ['no'] })).code).toBe(4);
  expect(fs.readdirSync(cwd)).toEqual(['.git']);
  expect((await cli(init, cwd, { answers: ['yes'] })).code).toBe(0);
  expect(fs.readFileSync(path.join(cwd, '.gitignore'), 'utf8')).toBe('.ccxray.user.json\n');
  const another = repository();
  expect((await cli([...init, '--yes'], another)).stdout).toBe(`Written: ${another}/.gitignore\nWritten: ${another}/.ccxray.user.json\nTelemetry is off: ${another}/.ccxray.user.json:3:13 has "tier": 0.\n`);
});

test('refuses an unusable config, and writes nothing', async () => {
  const cwd = project();
  const { code, stderr } = await cli(['init', '--endpoint', 'https://${'], cwd);
  expect(code).toBe(1);
  expect(stderr).toMatch(/otel\.endpoint: A "\$\{" has no "\}"\. /);
  expect(fs.readdirSync(cwd)).toEqual([]);
});

describe('asks before it approves existing settings', () => {
  const theirs = { tier: 1, endpoint: FAR, headers: { authorization: 'Bearer ${CANARY}' } };
  const terms = asks(FAR, ['With the headers: "authorization=Bearer ${CANARY}"', reads('CANARY', 'and send it there in the header "authorization"')]);
  const env = { CANARY: 'x' };

  test.each([
    ['when the file asked for it already', theirs, ['--team', 'payments']],
    ['when the user sets only their own tier', theirs, ['--personal', 'home', '--tier', '1']],
    ['when that turns it on', { ...theirs, tier: undefined }, ['--tier', '1', '--team', 'payments']],
  ])('%s', async (_, config, options) => {
    const cwd = project(config);
    const question = asked(cwd, terms);
    expect(await cli(['init', ...options], cwd, { env })).toEqual({ code: 4, stdout: '', stderr: `${question}${NOT_A_TERMINAL}` });
    expect(await cli(['init', ...options], cwd, { env, answers: ['n'] })).toEqual({ code: 4, stdout: '', stderr: `${question}Approve? [y/N] Not approved.\n` });
    expect(configOf(cwd)).toEqual(JSON.parse(JSON.stringify(config)));
    expect(fs.existsSync(trustFile())).toBe(false);
    const { code, stdout, stderr } = await cli(['init', ...options, '--yes'], cwd, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: question });
    expect(stdout).toContain(`${approved(cwd, terms, home)}Telemetry is on (tier 1, anonymous). `);
  });

  test('unless it is approved already', async () => {
    const cwd = project(theirs);
    await cli(['trust', '--yes'], cwd, { env });
    expect(await cli(['init', '--team', 'payments'], cwd, { env })).toMatchObject({ code: 0, stderr: '' });
  });

  test('and approves nothing if the file changes meanwhile', async () => {
    const cwd = project(theirs);
    const changeAndAgree = () => {
      rewrite(cwd, { ...theirs, names: 'all' });
      return 'y';
    };
    const { code, stdout, stderr } = await cli(['init', '--team', 'payments'], cwd, { env, answers: [changeAndAgree] });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/The config has changed while you were asked, so nothing is approved\. Run init again\.\n$/);
    expect(configOf(cwd).team).toBeUndefined();
    expect(fs.existsSync(trustFile())).toBe(false);
  });
});
