'use strict';

const { run } = require('../../testkit/process/run');
const { EXPECTED, INPUT, SCENARIOS, WIRES, expectedOf, filesOf, turnsOf } = require('../../testkit/fixtures/inputs');
const { isOfTurns, measurements } = require('../../testkit/fixtures/measurements');
const { referenceTotals } = require('../../testkit/reference');
const { differences, totalsOf } = require('../../testkit/otlp/totals');

describe.each(WIRES)('the turns of %s', (wire) => {
  let launches;

  beforeAll(async () => {
    const { code, stdout, stderr } = await run('fixtures/launches.js', [wire], { withinMs: 60_000 });
    if (code !== 0) throw new Error(stderr);
    launches = JSON.parse(stdout);
  }, 70_000);

  test('exist for every scenario, with expected results', () => {
    const files = new Set(SCENARIOS.flatMap((scenario) => [`${scenario}${INPUT}`, `${scenario}${EXPECTED}`]));
    expect(new Set(filesOf(wire))).toEqual(files);
  });

  test.each(SCENARIOS)('give the expected results: %s', (scenario) => {
    const { processed, series, drift } = launches[scenario];
    expect(processed).toBe(turnsOf(wire, scenario).length);
    expect([...measurements(series), ...drift]).toEqual(expectedOf(wire, scenario));
  });

  test.each(SCENARIOS)('give the totals of the reference implementation: %s', (scenario) => {
    const reference = referenceTotals(turnsOf(wire, scenario));
    const series = launches[scenario].series.filter(({ metric }) => isOfTurns(metric));
    for (const family of [reference.counters, reference.histograms]) withoutHealth(family);
    expect(differences(reference, totalsOf(series))).toEqual([]);
  });
});

function withoutHealth(family) {
  for (const metric of family.keys()) if (!isOfTurns(metric)) family.delete(metric);
}
