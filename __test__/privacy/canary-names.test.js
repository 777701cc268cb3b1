'use strict';

const { randomInt } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { Markers, markersIn } = require('../../testkit/canary/markers');
const { POSITIONS } = require('../../testkit/canary/positions');
const { FORMS, privateNames } = require('../../testkit/canary/private-names');
const { readingsOf } = require('../../testkit/canary/readings');
const { startCanaryReceiver } = require('../../testkit/canary/receiver');
const { SECRET_KINDS } = require('../../testkit/canary/secret-kinds');
const { plainAttributes } = require('../../testkit/otlp/messages');
const { run: runChild } = require('../../testkit/process/run');
const { clearAway } = require('../../demo/clear-away');

jest.setTimeout(300_000);

/** The same seed makes the same names. */
const SEED = Number(process.env.CANARY_SEED ?? randomInt(2 ** 31));
/** How many private names each process records. `npm run test:long` records every form in every process. */
const NAMES = Number(process.env.CANARY_NAMES ?? 5100);
const VALUES = 200;
const FIRST_STREAM = 1010;

const CELLS = [
  { title: 'tier 1', otel: { tier: 1 }, sendsNames: false },
  { title: 'tier 1 with all names', otel: { tier: 1, names: 'all' }, sendsNames: true },
  { title: 'tier 1 with private known names', otel: { tier: 1 }, sendsNames: false, knownNames: 100 },
  { title: 'tier 2', otel: { tier: 2, resolution: 'minute' }, sendsNames: true },
].map((cell, i) => Object.assign(cell, { stream: FIRST_STREAM + i }));

/** The attributes whose values can be names. */
const NAME_KEYS = new Set(['tool', 'server', 'skill', 'type', 'model']);
/** The package's own words, and the published names in the turns of the test. */
const OWN_WORDS = new Set(['acme', 'create', 'mcp____create', 'cost', 'token_sum', 'tool_count', 'redacted', 'custom', 'other', 'unknown', '_overflow_', 'Bash', 'Skill', 'orchestrator', 'claude-sonnet-4-6']);

const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-names-')));

afterAll(() => clearAway(root));

test('every kind of secret in the catalog has examples', () => {
  const { patterns } = JSON.parse(fs.readFileSync(path.join(__dirname, '..', '..', 'src', 'catalog', 'secrets.json'), 'utf8'));
  expect(new Set(Object.keys(SECRET_KINDS))).toEqual(new Set(patterns.map(({ is }) => is)));
  const markers = new Markers(FIRST_STREAM - 1, SEED);
  const parts = { mint: () => markers.mint(), hex: (n) => '1f'.repeat(n / 2), digits: (n) => '7'.repeat(n) };
  for (const { is, regex } of patterns) {
    const [flags, source] = regex.startsWith('(?i)') ? ['i', regex.slice(4)] : ['', regex];
    expect(SECRET_KINDS[is].some((example) => new RegExp(source, flags).test(example(parts)))).toBe(true);
  }
});

describe(`of ${NAMES} private names in ${FORMS.length} forms (CANARY_SEED=${SEED})`, () => {
  test('all are different', () => {
    const all = CELLS.flatMap(({ stream }) => privateNames(new Markers(stream, SEED), NAMES)).map(({ name }) => name);
    expect(new Set(all).size).toBeGreaterThan(all.length * 0.999);
    expect(all.length).toBeGreaterThan(20_000);
  });

  describe.each(CELLS)('at $title', ({ otel, sendsNames, knownNames = 0, stream }) => {
    const markers = new Markers(stream, SEED);
    const names = privateNames(markers, NAMES);
    const positions = Object.keys(POSITIONS);
    const plain = positions.map((position) => ({ position, name: `acme-${markers.mint('name', position)}` }));
    const known = names.filter(isAccepted).slice(0, knownNames).map(({ name }) => name);
    let result;

    beforeAll(async () => {
      result = await recorded({ otel: { ...otel, known_names: known }, plain, names, markers });
    });

    test('none is sent, and usual names are sent only with consent', () => {
      const { requests, entries, delivered } = result;
      expect(delivered).toBe(true);
      expect(entries.processed).toBe(NAMES + plain.length);
      const sent = new Set(requests.flatMap(({ json }) => namesIn(json)));
      const unexpected = Array.from(sent).filter((value) => !OWN_WORDS.has(value) && !plain.some(({ name }) => value.includes(name)));
      expect(unexpected).toEqual([]);
      const arrived = plain.filter(({ name }) => Array.from(sent).some((value) => value.includes(name)));
      expect(arrived).toHaveLength(sendsNames ? plain.length : 0);
      expect(requests.flatMap(({ json }) => found(JSON.stringify(json), names))).toEqual([]);
      for (const { plain: bytes, headers } of requests) expect(found(bytes.toString('latin1') + JSON.stringify(headers), names)).toEqual([]);
    });

    test('none is sent as an attribute of the resource', () => {
      const resources = result.requests.map(({ json }) => plainAttributes(json.resourceMetrics[0].resource.attributes));
      expect(resources.filter((it) => it.team === 'redacted').length).toBeGreaterThan(0);
      const keys = ['team', 'cloud.region', 'service.namespace', 'deployment.environment.name'];
      const values = new Set(resources.flatMap((it) => keys.map((key) => it[key])));
      expect(Array.from(values).filter((value) => value !== undefined && !OWN_WORDS.has(value))).toEqual([]);
    });

    test('none is in what the addon prints, returns or writes', () => {
      const { child, files, home } = result;
      // The user can read on this machine what the approved config contains.
      const unapproved = names.filter(({ name }) => !known.includes(name));
      const titles = (text) => found(text, unapproved).map(({ title, name }) => [title, name]);
      expect(titles(child.stderr)).toEqual([]);
      expect(titles(child.stdout)).toEqual([]);
      const written = files.filter(({ name }) => name !== '.ccxray.user.json');
      expect(written.map(({ name }) => path.basename(name))).toEqual(expect.arrayContaining(['otel.log', 'parser-drift.log']));
      for (const { name, content } of written) expect([path.relative(home, name), titles(content)]).toEqual([path.relative(home, name), []]);
    });
  });
});

test('a private name is found in any spelling', () => {
  const names = privateNames(new Markers(FIRST_STREAM - 2, SEED), 2000);
  for (const { title, name, needles } of names) {
    // Signs that only look alike are not undone by a normal form.
    if (/similar signs|percent-encoded twice/.test(title)) continue;
    const isFound = readingsOf(name).some((reading) => needles.some((needle) => reading.includes(needle)));
    const isGlued = /base64/.test(title) && /underscore/.test(title);
    expect([title, isFound || isGlued]).toEqual([title, true]);
  }
});

/** Whether a config may contain the name: a secret and an unknown variable are refused. */
function isAccepted({ title, name }) {
  return !title.startsWith('secret') && !name.includes('$');
}

/** What a process sent, printed and wrote. */
async function recorded({ otel, plain, names, markers }) {
  const at = fs.mkdtempSync(path.join(root, 'run-'));
  const [cwd, home] = ['project', 'home'].map((name) => path.join(at, name));
  for (const directory of [cwd, home]) fs.mkdirSync(directory, { mode: 0o700 });
  const receiver = await startCanaryReceiver({ fault: 'healthy', elsewhere: '', mint: () => markers.mint('content', 'an answer') });
  try {
    fs.writeFileSync(path.join(cwd, '.ccxray.json'), JSON.stringify({ otel: { ...otel, endpoint: receiver.endpoint, project: 'own' } }));
    fs.writeFileSync(path.join(home, '.ccxray.user.json'), JSON.stringify({ otel: { tier: 2, identity: 'jo' } }), { mode: 0o600 });
    const positions = Object.keys(POSITIONS);
    const turns = [...plain, ...names.map(({ name }, i) => ({ position: positions[i % positions.length], name }))];
    const plan = path.join(at, 'plan.json');
    const values = names.filter(isAccepted).slice(-VALUES).map(({ name }) => name);
    fs.writeFileSync(plan, JSON.stringify({ turns, values }));
    const env = { HOME: home, CCXRAY_HOME: path.join(home, '.ccxray'), CCXRAY_OTEL_TRUST: '1' };
    const child = await runChild('canary/names-child.js', [plan], { cwd, env, withinMs: 240_000 });
    if (child.code !== 0) throw new Error(`${child.code} ${child.timedOut}: ${child.stderr}`);
    const listed = fs.readdirSync(home, { recursive: true }).map((name) => path.join(home, name)).filter((file) => fs.statSync(file).isFile());
    const files = listed.map((name) => ({ name, content: fs.readFileSync(name, 'latin1') }));
    return { ...JSON.parse(child.stdout), child, requests: receiver.requests, files, home };
  } finally {
    await receiver.close();
  }
}

/** The values of all attributes that can be names. */
function namesIn(value) {
  if (value === null || typeof value !== 'object') return [];
  if (NAME_KEYS.has(value.key)) return [value.value.stringValue];
  return Object.values(value).flatMap(namesIn);
}

/** The private names that a text contains, in any spelling. */
function found(text, names) {
  const readings = readingsOf(text);
  const seen = new Set(readings.flatMap((reading) => markersIn(reading).map(({ marker }) => marker)));
  const isIn = (needle) => (needle.startsWith('cnry') ? seen.has(needle) : readings.some((reading) => reading.includes(needle)));
  return names.filter(({ needles }) => needles.some(isIn));
}
