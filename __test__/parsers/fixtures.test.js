'use strict';

const { run } = require('../../testkit/process/run');
const { EXPECTED, INPUT, SCENARIOS, WIRES, expectedOf, filesOf, turnsOf } = require('../../testkit/fixtures/inputs');
const { isOfTurns, measurements } = require('../../testkit/fixtures/measurements');
const { groundTruth } = require('../../testkit/reference');
const { differences, totalsOf } = require('../../testkit/otlp/totals');

describe.each(WIRES)('the turns of %s', (wire) => {
  let launches;

  beforeAll(async () => {
    const { code, stdout, stderr } = await run('fixtures/launches.js', [wire], { withinMs: 60_000 });
    if (code !== 0) throw new Error(stderr);
    launches = JSON.parse(stdout);
  }, 70_000);

  test('are there in every scenario, each with what they come to', () => {
    const files = new Set(SCENARIOS.flatMap((scenario) => [`${scenario}${INPUT}`, `${scenario}${EXPECTED}`]));
    expect(new Set(filesOf(wire))).toEqual(files);
  });

  test.each(SCENARIOS)('come to what is expected: %s', (scenario) => {
    const { processed, series, drift } = launches[scenario];
    expect(processed).toBe(turnsOf(wire, scenario).length);
    expect([...measurements(series), ...drift]).toEqual(expectedOf(wire, scenario));
  });

  test.each(SCENARIOS)('come to what the ground truth adds up: %s', (scenario) => {
    const truth = groundTruth(turnsOf(wire, scenario));
    const series = launches[scenario].series.filter(({ metric }) => isOfTurns(metric));
    for (const family of [truth.counters, truth.histograms]) withoutHealth(family);
    expect(differences(truth, totalsOf(series))).toEqual([]);
  });
});

function withoutHealth(family) {
  for (const metric of family.keys()) if (!isOfTurns(metric)) family.delete(metric);
}
