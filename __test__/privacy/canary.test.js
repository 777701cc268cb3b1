'use strict';

const { randomInt } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');

const addon = require('../..');
const { BROKEN } = require('../../testkit/canary/broken');
const { SECRET_NAMES } = require('../../testkit/canary/disguises');
const { leaksIn, leaksInDriftLog, misplacedIn } = require('../../testkit/canary/leaks');
const { Markers, markersIn } = require('../../testkit/canary/markers');
const { POSITIONS } = require('../../testkit/canary/positions');
const { turnsIn } = require('../../testkit/canary/receiver');
const { runLimited, plantedFor, runCanary } = require('../../testkit/canary/run');
const { readPending } = require('../../testkit/pending/file');
const { run: runChild } = require('../../testkit/process/run');
const { clearAway } = require('../../demo/clear-away');

jest.setTimeout(400_000);

/** The same seed plants the same markers in the same places. */
const SEED = Number(process.env.CANARY_SEED ?? randomInt(2 ** 31));

const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-canary-')));
const NAMES = ['tool', 'server', 'mcpTool', 'skill', 'agent', 'model'];

/** Settings that the user agrees to, and the kinds of markers that may then be sent. */
const TIERS = [
  { name: 'tier 1', otel: { tier: 1 }, agreed: ['variable'] },
  { name: 'tier 1 with all names', otel: { tier: 1, names: 'all' }, agreed: ['variable', ...NAMES] },
  { name: 'tier 2', otel: { tier: 2, resolution: 'minute' }, agreed: ['variable', 'identity', ...NAMES] },
];
const FAULTS = {
  healthy: 'a healthy receiver',
  500: 'one that answers 500',
  400: 'one that answers 400',
  reset: 'one that resets the connection',
  redirect: 'one that redirects',
};
const CELLS = TIERS.flatMap(({ name, otel, agreed }) => ['http/protobuf', 'http/json'].flatMap((protocol) => ['gzip', 'none'].flatMap((compression) => (
  Object.entries(FAULTS).map(([fault, receiver]) => ({
    title: `${name}, ${protocol}, ${compression}, ${receiver}`, otel: { ...otel, protocol, compression }, agreed: new Set(agreed), fault,
  }))
))));
/** The kinds of markers that may appear on this machine, and the file that may contain unknown names. */
const LOCAL = new Set(['directory']);
const DRIFT_LOG = 'parser-drift.log';
/** The file that quotes why a receiver has not taken everything. */
const LOG = 'otel.log';
const UNTRUSTED = ['withheld', 'revoked'].map((consent) => ({ title: consent, consent, otel: { tier: 2, names: 'all' } }));

/** Streams of markers that no run uses. */
const STREAMS = { broken: 1000, names: 1001, search: 1002, log: 1003 };

afterAll(() => clearAway(root));

describe(`only approved data is sent (CANARY_SEED=${SEED})`, () => {
  let runs;
  /** The markers of each run. */
  const minted = new Map();

  // All runs end before the first check, because checks would delay the receivers.
  beforeAll(async () => {
    const all = [...UNTRUSTED, ...CELLS];
    const results = await Promise.all(runLimited(all.map((cell, number) => () => runCanary({ root, seed: SEED, number, ...cell })), 4));
    runs = new Map(all.map(({ title }, i) => [title, results[i]]));
  });

  /** A run with its planted markers and its output. */
  function resultsOf(title) {
    const run = runs.get(title);
    const { code, timedOut, stdout, stderr } = run.child;
    expect({ code, timedOut, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, timedOut: false, stderr: '' });
    const found = { ...run, ...plantedFor(run), seen: JSON.parse(stdout) };
    minted.set(title, Array.from(found.planted.keys()));
    return found;
  }

  describe.each(CELLS)('$title', ({ title, agreed, fault }) => {
    let run;

    beforeAll(() => {
      run = resultsOf(title);
    });

    test('counts all entries', () => {
      run.launches.forEach(({ records }, i) => {
        const { rejected, entries, delivered } = run.seen.launches[i];
        const fates = countsOf(records, ({ fate }) => fate);
        expect(entries).toMatchObject({ processed: fates.processed, queued: 0, dropped: { malformed: fates.malformed, panic: 0 } });
        expect(entries.dropped.project_off + rejected).toBe(fates.rejected);
        expect(delivered).toBe(fault === 'healthy');
        for (const project of ['own', 'other']) {
          const turns = records.filter((record) => record.project === project && record.isTurn).length;
          expect(turns).toBeGreaterThan(5);
          const requests = run.receiver.requests.filter((request) => request.project === project && request.launch === i);
          expect(requests.length).toBeGreaterThan(0);
          // If the request that announces series at zero fails, the numbers are not sent.
          expect(turnsIn(requests.map(({ json }) => json))).toBe(fault === 'healthy' || i > 0 ? turns : 0);
        }
      });
    });

    test('sends no other marker', () => {
      const { receiver, planted, sandbox } = run;
      const onTheWire = new Set([...agreed, 'token']);
      for (const bytes of receiver.raw) expect(leaksIn(bytes, planted, onTheWire)).toEqual([]);
      for (const { project, plain, json, headers } of receiver.requests) {
        expect(leaksIn(plain, planted, project === 'own' ? agreed : new Set())).toEqual([]);
        expect(misplacedIn(json, planted)).toEqual([]);
        const { authorization, ...others } = headers;
        expect(authorization).toBe(project === 'own' ? `Bearer ${sandbox.token}` : undefined);
        expect(leaksIn(JSON.stringify(others), planted)).toEqual([]);
      }
      const tokens = receiver.raw.map((bytes) => bytes.toString('latin1').split(sandbox.token).length - 1);
      expect(sum(tokens)).toBe(receiver.requests.filter(({ project }) => project === 'own').length);
      expect(new Set(receiver.requests.map(({ project }) => project))).toEqual(new Set(['own', 'other']));
      expect(run.decoyCalls).toBe(0);
    });

    test('sends all approved names', () => {
      const { receiver, planted } = run;
      const bytes = receiver.requests.map(({ plain }) => plain.toString('latin1')).join('\n');
      const expected = Array.from(planted).filter(([, { kind, isExpected }]) => isExpected && kind !== 'token');
      expect(new Set(expected.map(([, { kind }]) => kind))).toEqual(new Set([...NAMES, 'variable', 'identity']));
      const astray = expected.filter(([marker, { kind }]) => bytes.includes(marker) !== agreed.has(kind));
      expect(astray).toEqual([]);
    });

    test('writes no other marker on this machine', () => {
      const { child, seen, planted } = run;
      expect(leaksIn(child.stderr, planted, LOCAL)).toEqual([]);
      expect(leaksIn(JSON.stringify(seen.answers), planted, LOCAL)).toEqual([]);
      for (const { statuses, previews } of seen.launches) {
        expect(leaksIn(JSON.stringify(statuses), planted, new Set(['directory', ...(agreed.has('identity') ? ['identity'] : [])]))).toEqual([]);
        // A preview does not show values of variables, although they are sent.
        expect(leaksIn(previews.own, planted, new Set([...agreed].filter((kind) => kind !== 'variable')))).toEqual([]);
        expect(leaksIn(JSON.stringify({ ...previews, own: '' }), planted)).toEqual([]);
      }
      expect(leaksInFiles(run, ['own', 'other'], agreed)).toEqual([]);
      expect(run.sandbox.written().map(({ name }) => path.basename(name))).toEqual(expect.arrayContaining(['otel-trust.json', DRIFT_LOG]));
    });

    test('puts names into an issue text only on request', () => {
      const { seen, planted } = run;
      const issues = seen.launches.map(({ reports }) => reports.plain.issue);
      expect(issues.every((issue) => issue.length > 200)).toBe(true);
      expect(leaksIn(issues.join('\n'), planted)).toEqual([]);
      const samples = leaksIn(seen.launches.map(({ reports }) => reports.samples.issue).join('\n'), planted);
      expect(samples.length).toBeGreaterThan(5);
      expect(samples.filter(({ marker }) => !planted.get(marker)?.isName)).toEqual([]);
    });
  });

  test.each(UNTRUSTED)('and nothing while approval is $title', ({ title }) => {
    const run = resultsOf(title);
    const { child, seen, planted, receiver, decoyCalls, launches } = run;
    seen.launches.forEach(({ statuses, rejected, entries }, i) => {
      expect(statuses[0]).toMatchObject({ state: 'disabled', tier: 0, reason: expect.stringMatching(/^untrusted: /) });
      const others = launches[i].records.filter(({ project }) => project === 'other').length;
      expect(entries.processed).toBe(others);
      expect(rejected + entries.dropped.project_off).toBe(launches[i].records.length - others);
    });
    // The other project needs no approval.
    expect(new Set(receiver.requests.map(({ project }) => project))).toEqual(new Set(['other']));
    expect(decoyCalls).toBe(0);
    for (const bytes of [...receiver.raw, ...receiver.requests.map(({ plain }) => plain)]) expect(leaksIn(bytes, planted)).toEqual([]);
    expect(leaksIn(child.stderr, planted, LOCAL)).toEqual([]);
    expect(leaksIn(JSON.stringify(seen.launches.map(({ statuses, previews }) => [statuses, previews])), planted, LOCAL)).toEqual([]);
    expect(leaksInFiles(run, ['other'])).toEqual([]);
  });

  test('and errors of configs repeat no value', async () => {
    const markers = new Markers(STREAMS.broken, SEED);
    const cases = Object.entries(BROKEN).map(([label, broken], i) => brokenIn(path.join(root, `broken-${i}`), broken(() => markers.mint('content', label))));
    const file = path.join(root, 'broken.json');
    fs.writeFileSync(file, JSON.stringify(cases));
    const { code, stdout, stderr } = await runChild('canary/broken-child.js', [file]);
    expect(code).toBe(0);
    const thrown = JSON.parse(stdout).flat().filter(({ code: kind }) => kind === 'CCXRAY_OTEL_CONFIG');
    expect(thrown.length).toBeGreaterThan(Object.keys(BROKEN).length);
    for (const text of [stdout, stderr]) expect(leaksIn(text, markers.planted)).toEqual([]);
  });

  test('in runs with over ten thousand different markers', () => {
    for (const title of runs.keys()) if (!minted.has(title)) resultsOf(title);
    const all = Array.from(minted.values()).flat();
    expect(all.length).toBeGreaterThan(10_000);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('a private name is not sent as the name of', () => {
  const markers = new Markers(STREAMS.names, SEED);
  const mint = () => markers.mint();

  beforeAll(() => addon.shutdown(1));
  afterEach(() => addon.shutdownSync(0));

  /** The preview after turns with these names at a position. */
  function previewed(position, names) {
    const env = { CCXRAY_OTEL_TIER: '2', CCXRAY_OTEL_IDENTITY: 'jo', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    addon.init({ cwd: root, home: root, env });
    const plain = mint();
    for (const name of [...names, plain]) expect(addon.record(...POSITIONS[position](name))).toBe(true);
    const text = addon.preview();
    expect(text).toContain(plain);
    return text.replaceAll(plain, '');
  }

  test.each(Object.keys(POSITIONS))('%s: tokens and paths in a home', (position) => {
    expect(leaksIn(previewed(position, SECRET_NAMES.map((disguise) => disguise(mint))), markers.planted)).toEqual([]);
  });

  test.each(Object.keys(POSITIONS))('%s: e-mail addresses', (position) => {
    expect(leaksIn(previewed(position, [`${mint()}@corp.example`, `Jo <jo.${mint()}@${mint()}.example>`]), markers.planted)).toEqual([]);
  });
});

test('markers are found in all spellings and in pieces', () => {
  const marker = new Markers(STREAMS.search, SEED).mint();
  for (const text of [marker, marker.toUpperCase(), `x${marker}${marker}`, `{"a":"\\n${marker}"}`, encodeURIComponent(`/${marker}?`)]) {
    expect(new Set(markersIn(text).map((found) => found.marker))).toEqual(new Set([marker]));
    expect(markersIn(Buffer.from(`\0\xff${text}\xff`)).length).toBe(markersIn(text).length);
    expect(markersIn(opened(zlib.gzipSync(text)))).toEqual(markersIn(text));
  }
  expect(markersIn(marker.slice(0, 9))).toEqual([{ marker: marker.slice(0, 9), around: marker.slice(0, 9) }]);
  expect(leaksIn(marker.slice(0, 9), new Map(), new Set(NAMES))).toMatchObject([{ kind: 'piece' }]);
});

test('the drift log may contain names of approved projects', () => {
  const markers = new Markers(STREAMS.log, SEED);
  const [name, text] = [markers.asName(markers.mint()), markers.mint()];
  const found = (line, withheld = []) => leaksInDriftLog(`${JSON.stringify(line)}\n`, markers.planted, new Set(withheld)).map(({ marker }) => marker);
  expect(found({ category: 'tool', token: `acme_${name}` })).toEqual([]);
  expect(found({ category: 'tool', token: text })).toEqual([text]);
  expect(found({ category: name, token: name })).toEqual([name]);
  expect(found({ category: 'tool', token: name }, [name])).toEqual([name]);
});

/** `init` options for directories with these broken files. */
function brokenIn(at, { project, personal, store, env }) {
  const [cwd, home] = ['project', 'home'].map((name) => path.join(at, name));
  const files = [[cwd, '.ccxray.json', project], [home, '.ccxray.user.json', personal && { otel: personal }], [path.join(home, '.ccxray'), 'otel-trust.json', store]];
  for (const [directory, name, content] of files) {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (content !== undefined) fs.writeFileSync(path.join(directory, name), typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
  }
  return { cwd, home, env: { CCXRAY_OTEL_TRUST: '1', ...env } };
}

/** The markers that files of a run must not contain, in their names or contents, if these projects are approved. */
function leaksInFiles({ sandbox, launches, planted }, approved, agreed = new Set()) {
  const withheld = launches.flatMap(({ records }) => records).filter(({ project }) => !approved.includes(project)).flatMap(({ line, parts }) => (
    [line, ...Object.values(parts)].flatMap((part) => markersIn(Buffer.isBuffer(part) || typeof part === 'string' ? part : JSON.stringify(part)))
  ));
  const markers = new Set(withheld.map(({ marker }) => marker));
  const leaksOf = (name, content) => {
    const file = path.basename(name);
    if (file.endsWith('.otlp')) return leaksInPending(content, planted, agreed);
    if (file.startsWith(DRIFT_LOG)) return leaksInDriftLog(content.toString(), planted, markers);
    return leaksIn(opened(content), planted, file.startsWith(LOG) ? new Set([...LOCAL, 'reason']) : LOCAL);
  };
  return sandbox.written().flatMap(({ name, content }) => [leaksIn(name, planted, LOCAL), leaksOf(name, content)]).flat();
}

/** What waits is a request: it may contain what may be sent, at the same places. */
function leaksInPending(content, planted, agreed) {
  const { header, requests } = readPending(content);
  const allowed = header.origin.project === 'own' ? agreed : new Set();
  const leaks = requests.flatMap((request) => leaksIn(JSON.stringify(request), planted, allowed).concat(misplacedIn(request, planted)));
  return [...leaksIn(JSON.stringify(header), planted, LOCAL), ...leaks];
}

function opened(content) {
  return content[0] === 0x1f && content[1] === 0x8b ? zlib.gunzipSync(content) : content;
}

function countsOf(list, key) {
  const counts = {};
  for (const one of list) counts[key(one)] = (counts[key(one)] ?? 0) + 1;
  return counts;
}

function sum(numbers) {
  return numbers.reduce((all, one) => all + one, 0);
}
