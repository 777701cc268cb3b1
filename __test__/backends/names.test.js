'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { startBackend } = require('../../testkit/backends/backend');
const { describeWith, outputOf } = require('../../testkit/backends/program');
const { METRICS, RULES, seriesNames } = require('../../testkit/backends/prometheus-names');
const { findPrometheus, findPrometheusWithOtlp } = require('../../testkit/backends/prometheus');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');
const { encodeRequest } = require('../../testkit/otlp/messages');

const PAGE = fs.readFileSync(path.join(__dirname, '..', '..', 'docs', 'metrics.md'), 'utf8');
const ROW = /^\| `(ccxray\.[a-z_.]+)` \| (counter|gauge|histogram)(?: `([^`]*)`)? \|/gm;

test('the table of names has every metric, with its kind and unit', () => {
  const documented = Array.from(PAGE.matchAll(ROW), ([, otlp, kind, unit = '']) => ({ otlp, kind, unit }));
  expect(METRICS.map(({ otlp, kind, unit }) => ({ otlp, kind, unit }))).toEqual(documented);
});

test('only the dots of a name change, and units in seconds and one counter get a suffix', () => {
  const renamed = METRICS.filter(({ otlp, prometheus }) => prometheus !== otlp.replaceAll('.', '_'));
  expect(renamed.map(({ prometheus }) => prometheus)).toEqual([
    'ccxray_request_duration_seconds', 'ccxray_request_time_to_first_token_seconds', 'ccxray_otel_tier_distribution_total',
  ]);
});

test('two metrics never get one name', () => {
  const names = METRICS.flatMap(seriesNames);
  expect(new Set(names).size).toBe(names.length);
});

/** Where VictoriaMetrics and vmagent differ from the translator of Prometheus. No metric of ours has such a name. */
const OF_VICTORIA_METRICS = { '1st.usage': '1st_usage', 'usage:by:rule': 'usage_by_rule' };

for (const [program, isOptional] of [[findPrometheus(process.env), false], [findPrometheusWithOtlp(process.env), true], [findVictoriaMetrics(process.env), false]]) {
  describeWith(`names in ${program.name}`, [program], () => {
    let backend;

    beforeAll(async () => {
      backend = await startBackend(program);
    }, 60_000);
    afterAll(() => backend?.close());

    test('follow the published rules for any unit and character', async () => {
      const seen = [];
      const deviations = program.otlp === '/api/v1/otlp' ? {} : OF_VICTORIA_METRICS;
      for (const [i, { otlp, kind, unit }] of RULES.entries()) {
        const id = String(i);
        const body = encodeRequest(requestOf({ otlp, kind, unit, id }));
        const answer = await fetch(`${backend.otlpEndpoint}/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body });
        expect(answer.status).toBe(200);
      }
      await backend.settle();
      for (const { metric: { __name__: name, rule } } of await backend.query('count by (__name__, rule) ({rule=~".+"})')) {
        if (!/_(bucket|sum)$/.test(name)) seen[Number(rule)] = name.replace(/_count$/, '');
      }
      expect(seen).toEqual(RULES.map(({ otlp, prometheus }) => deviations[otlp] ?? prometheus));
    }, 60_000);
  }, { isOptional });
}

const translator = process.env.PROMETHEUS_NAMES_BIN || 'prometheus-names';
const translated = { name: 'the translator of Prometheus', ...outputOf(translator, '--none') };

describeWith('the table of names', [translated], () => {
  test('is what the translator of Prometheus gives', () => {
    const rows = [...METRICS, ...RULES];
    const input = rows.map(({ otlp, kind, unit }) => `${otlp}|${kind}|${unit}\n`).join('');
    const output = execFileSync(translator, { input, encoding: 'utf8' });
    expect(output.trimEnd().split('\n')).toEqual(rows.map(({ prometheus, utf8 }) => `${prometheus}|${utf8}`));
  });
}, { isOptional: true });

function requestOf({ otlp: name, kind, unit, id }) {
  const now = `${BigInt(Date.now()) * 1_000_000n}`;
  const at = { timeUnixNano: now, startTimeUnixNano: now, attributes: [{ key: 'rule', value: { stringValue: id } }] };
  const AGGREGATIONS = {
    counter: { sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...at, asDouble: 1 }] } },
    gauge: { gauge: { dataPoints: [{ ...at, asDouble: 1 }] } },
    histogram: { histogram: { aggregationTemporality: 2, dataPoints: [{ ...at, count: '1', sum: 1, bucketCounts: ['1', '0'], explicitBounds: [5] }] } },
  };
  return { resourceMetrics: [{ resource: { attributes: [] }, scopeMetrics: [{ metrics: [{ name, unit, ...AGGREGATIONS[kind] }] }] }] };
}
