'use strict';

const path = require('node:path');

const { startBackend } = require('../../testkit/backends/backend');
const { describeWith } = require('../../testkit/backends/program');
const { asInBackend, sumsOf, totalsOfVector } = require('../../testkit/backends/promql');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');
const { historyOf, withoutExporter, writeLogs } = require('../../testkit/history');
const { differences } = require('../../testkit/otlp/totals');
const { run } = require('../../testkit/process/run');
const { Reference } = require('../../testkit/reference');
const { projects } = require('../../testkit/scratch/projects');

const DAYS = ['2026-01-15', '2026-01-16', '2026-01-18'];
const DAY_S = 86_400;
/** Shortly behind the end of a day, in seconds. */
const behind = (day) => Date.parse(day) / 1000 + DAY_S + 1;

const { project, homeWith } = projects();
const program = findVictoriaMetrics(process.env);

describeWith(`a replayed history in a real ${program.name}`, [program], () => {
  let backend;
  /** What the reference implementation has counted up to the end of each day. */
  let expected;

  beforeAll(async () => {
    backend = await startBackend(program);
    const home = homeWith({});
    const reference = new Reference();
    const turns = historyOf(DAYS, 60);
    writeLogs(path.join(home, '.ccxray', 'logs'), turns);
    const { code, stderr } = await run('../cli.js', ['replay', '--endpoint', backend.otlpEndpoint, '--yes', '--project', 'shop'], { cwd: project(), env: { HOME: home }, withinMs: 60_000 });
    if (code !== 0) throw new Error(stderr);
    expected = DAYS.map((day, at) => {
      for (const turn of turns.filter(({ line }) => line.startsWith(`{"id":"${at}-`))) reference.add(turn);
      return asInBackend(structuredClone(withoutExporter(reference.totals)));
    });
    await backend.settle();
  }, 120_000);

  afterAll(() => backend?.close());

  test.each(DAYS.map((day, at) => [day, at]))('the sums at the end of %s are those of its turns and of all before', async (day, at) => {
    const found = totalsOfVector(await backend.query('{__name__=~"ccxray_.+"}', behind(day)), expected[at]);
    expect(differences(expected[at], found)).toEqual([]);
  });

  test('nothing is dated now', async () => {
    expect(await backend.query('{__name__=~"ccxray_.+"}')).toEqual([]);
  });

  test('the increase over the whole history is exact, from the zeros on', async () => {
    const wrong = [];
    for (const { query, sum, tolerance } of sumsOf(expected.at(-1))) {
      const [answer] = await backend.query(query.replace(/^sum\((.+)\)$/, 'sum(increase($1[10d]))'), behind(DAYS.at(-1)));
      if (!(Math.abs(Number(answer?.value[1] ?? 0) - sum) <= Math.max(tolerance, 1e-9 * sum))) wrong.push({ query, expected: sum, actual: answer?.value[1] });
    }
    expect(wrong).toEqual([]);
  });
});
