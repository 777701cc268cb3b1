'use strict';

const addon = require('../..');
const { projects } = require('../../testkit/scratch/projects');
const { turn } = require('../../testkit/entries/turn');

const { options } = projects();

beforeAll(() => addon.shutdown(1));
afterEach(() => addon.shutdown(1));

test.each([
  ['by default', undefined, 0],
  ['of one mebibyte', { max_mebibytes: 1 }, 1],
])('the size of the queue %s is respected', async (_, queue, tooLarge) => {
  addon.init(options({ tier: 1, endpoint: 'http://127.0.0.1:9', interval_seconds: 3600, queue }));
  // A character of a string counts as two bytes.
  const entry = JSON.stringify({ ...JSON.parse(turn()), padding: 'x'.repeat(600 * 1024) });
  expect(addon.record(entry)).toBe(tooLarge === 0);
  expect(addon.record(turn())).toBe(true);
  await addon.flush(500);
  expect(addon.status().entries).toMatchObject({ processed: 2 - tooLarge, dropped: { too_large: tooLarge } });
});
