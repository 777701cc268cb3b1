'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { BUILDS, ruleGroups } = require('../../dashboards/source/builds');
const { describeWith } = require('../../testkit/backends/program');
const { BEGIN, DAY, NOW } = require('../../testkit/dashboards/calendar');
const { expectations } = require('../../testkit/dashboards/expectations');
const { fortnight } = require('../../testkit/dashboards/fortnight');
const { queriesOf, runQuery, variableValues } = require('../../testkit/dashboards/grafana');
const { expanded, firstResult } = require('../../testkit/dashboards/rules');
const { addedIn } = require('../../testkit/dashboards/truth');
const { findPrometheusServer, findPromtool, findVictoriaMetrics, prometheusWith, victoriaMetricsWith } = require('../../testkit/dashboards/stores');

const ROOT = path.join(__dirname, '..', '..', 'dashboards');
const [PROMETHEUS_NAMES, DOTS] = BUILDS;

const ALL = { project: '.*', team: '.*', provider: '.*', model: '.*', budget: '5000', min_group: '3' };
const EVERYTHING = { from: BEGIN, to: NOW, values: ALL };
/** What the variables let through. An attribute that a metric lacks is not filtered. */
const SOME = {
  from: NOW - 9 * DAY,
  to: NOW,
  values: { ...ALL, project: ['shop', 'api'], provider: ['anthropic'] },
  where: ({ provider = 'anthropic' }, { project }) => ['shop', 'api'].includes(project) && provider === 'anthropic',
};

/** Money is a sum of fractions that VictoriaMetrics rounds to 15 digits; the rest is exact. */
const TOLERANCE = 1e-9;

let samples;

beforeAll(() => {
  samples = fortnight();
});

const prometheus = findPrometheusServer(process.env);
const promtool = findPromtool(process.env);
const victoriaMetrics = findVictoriaMetrics(process.env);

describeWith('dashboards on a real Prometheus', [prometheus, promtool], () => {
  showData(PROMETHEUS_NAMES, () => prometheusWith(samples, PROMETHEUS_NAMES.names, { prometheus, promtool }));
});

describeWith('dashboards on a real VictoriaMetrics', [victoriaMetrics], () => {
  showData(PROMETHEUS_NAMES, () => victoriaMetricsWith(samples, PROMETHEUS_NAMES.names, victoriaMetrics));
});

describeWith('dashboards on a real VictoriaMetrics, with dots', [victoriaMetrics], () => {
  showData(DOTS, () => victoriaMetricsWith(samples, DOTS.names, victoriaMetrics));
});

function showData({ folder, names }, start) {
  const dashboards = fs.readdirSync(path.join(ROOT, folder)).map((file) => [file, JSON.parse(fs.readFileSync(path.join(ROOT, folder, file), 'utf8'))]);
  let store;

  beforeAll(async () => {
    store = await start();
  }, 120_000);

  afterAll(() => store?.close());

  test.each(dashboards)('%s has data in every query of every panel', async (_, dashboard) => {
    const empty = [];
    for (const query of queriesOf(dashboard)) {
      const result = await runQuery(store, query, EVERYTHING);
      const numbers = result.flatMap(({ value, values = [value] }) => values.map(([, text]) => Number(text)));
      if (!numbers.some((number) => Number.isFinite(number))) empty.push(`${query.panel}: ${query.expr}`);
    }
    expect(empty).toEqual([]);
  }, 120_000);

  test.each(dashboards)('%s offers the values of each variable', async (_, { templating }) => {
    const offered = {};
    for (const variable of templating.list.filter(({ type }) => type === 'query')) offered[variable.name] = (await variableValues(store, variable, EVERYTHING)).toSorted();
    expect(offered).toEqual({
      project: ['api', 'data', 'labs', 'shop', 'web'],
      team: ['frontend', 'payments', 'platform', 'research'],
      provider: ['anthropic', 'openai', 'xai'],
      model: ['claude-opus-5', 'claude-sonnet-5', 'gpt-6-luna', 'gpt-6-sol', 'grok-4', 'other'],
    });
  });

  test('panels show what was sent', async () => {
    expect(await wrongPanels(EVERYTHING, () => true)).toEqual([]);
  }, 120_000);

  test('panels show what was sent of the chosen projects and providers', async () => {
    expect(await wrongPanels(SOME, SOME.where)).toEqual([]);
  }, 120_000);

  test('each day costs what was sent on it', async () => {
    const [query] = queriesOfPanel('Cost of each day, by provider');
    const days = await runQuery(store, query, EVERYTHING);
    const byDay = new Map();
    for (const { values } of days) for (const [time, text] of values) byDay.set(time, (byDay.get(time) ?? 0) + Number(text));
    expect(byDay.size).toBeGreaterThan(10);
    const wrong = [...byDay].filter(([to, cost]) => {
      const expected = addedIn(samples, 'ccxray.cost.usd_total', { from: to - DAY, to }).amounts.get('');
      return !(Math.abs(cost - expected) <= TOLERANCE * expected);
    });
    expect(wrong).toEqual([]);
  });

  test('small groups are hidden', async () => {
    const [query] = queriesOfPanel('Turns by team');
    const teams = async (smallest) => (await runQuery(store, query, { ...EVERYTHING, values: { ...ALL, min_group: smallest } })).map(({ metric }) => metric.team).toSorted();
    expect(await teams('1')).toEqual(['frontend', 'payments', 'platform', 'research']);
    expect(await teams('3')).toEqual(['frontend', 'payments', 'platform']);
    expect(await teams('10')).toEqual([]);
  });

  test('every rule has a result', async () => {
    const rules = ruleGroups(names).flatMap((group) => group.rules);
    const recorded = new Map(rules.filter(({ record }) => record !== undefined).map(({ record, expr }) => [record, expr]));
    const silent = [];
    for (const { record, alert, expr } of rules) {
      const text = record === undefined ? expanded(expr, recorded) : expr;
      if (await firstResult(store, text) === undefined) silent.push(alert ?? record);
    }
    expect(silent).toEqual([]);
  }, 120_000);

  async function wrongPanels(view, where) {
    const expected = expectations(samples, { ...view, where });
    const wrong = [];
    for (const [panel, groups] of Object.entries(expected)) {
      const actual = await shown(queriesOfPanel(panel), view);
      for (const group of new Set([...groups.keys(), ...actual.keys()])) {
        const [wanted, got] = [groups.get(group) ?? 0, actual.get(group) ?? 0];
        if (!(Math.abs(wanted - got) <= TOLERANCE * Math.max(1, wanted))) wrong.push({ panel, group, wanted, got });
      }
    }
    return wrong;
  }

  /** The queries of the first panel with that title. */
  function queriesOfPanel(title) {
    const all = dashboards.map(([, dashboard]) => queriesOf(dashboard).filter(({ panel }) => panel === title));
    const queries = all.find(({ length }) => length > 0);
    if (queries === undefined) throw new RangeError(`no panel is called ${title}`);
    return queries;
  }

  /** The numbers of a panel, by the value of their label or by the legend of their query. */
  async function shown(queries, view) {
    const numbers = new Map();
    for (const query of queries) {
      for (const { metric, value } of await runQuery(store, query, view)) {
        numbers.set(Object.values(metric).join(' ') || (queries.length > 1 ? query.legend : ''), Number(value[1]));
      }
    }
    return numbers;
  }
}
