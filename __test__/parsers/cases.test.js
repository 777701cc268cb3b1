'use strict';

const { excerpt } = require('../../host/excerpt');
const { Addon } = require('../../testkit/differential/addon');
const { casesOf, recordsIn, CASE_FILES, FORMS } = require('../../testkit/fixtures/cases');
const { unmet } = require('../../testkit/fixtures/expectations');
const { differences } = require('../../testkit/otlp/totals');
const { referenceTotals } = require('../../testkit/reference');

const CASES = CASE_FILES.flatMap(casesOf);

describe.each(Object.keys(FORMS))('as %s,', (form) => {
  let addon;
  beforeAll(() => {
    addon = new Addon();
  });
  afterAll(() => addon.stop());

  test.each(CASES)('the reference implementation reads $name', (one) => {
    expect(unmet(one.expect, referenceTotals(recordsIn(form, one)))).toEqual([]);
  });

  test.each(CASES)('the addon reads $name', async (one) => {
    const records = recordsIn(form, one);
    const totals = await addon.totals(records);
    expect(unmet(one.expect, totals)).toEqual([]);
    expect(differences(referenceTotals(records), totals)).toEqual([]);
  });
});

test.each(CASES.filter(({ keeps }) => keeps.length > 0))('the excerpt keeps what $name needs', ({ turns, keeps }) => {
  // What a case needs can be in an earlier turn of it.
  const kept = turns.map(({ entry }) => excerpt(entry.req)).join('\n');
  const texts = JSON.stringify(keeps.map((text) => [text, kept.includes(JSON.stringify(text).slice(1, -1))]));
  expect(texts).toBe(JSON.stringify(keeps.map((text) => [text, true])));
});

test('every case has a name of its own', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});
