'use strict';

const { call } = require('../../bench/child');
const { measure } = require('../../bench/start');
const { rows } = require('../../bench/targets');
const { resultTable } = require('../../bench/table');
const { body, turn, LINE_LENGTH, RESPONSE_LENGTH, BODY_LENGTH } = require('../../demo/traffic/payloads');
const { main } = require('../../scripts/bench');

function capture() {
  const io = { stdout: '', stderr: '', colour: false };
  io.out = (text) => (io.stdout += text);
  io.err = (text) => (io.stderr += text);
  return io;
}

function isTwoByte(text) {
  return [...text].some((character) => character.codePointAt(0) > 0xff);
}

describe('the benchmark', () => {
  test('gives rows of finite numbers and loses no entry', async () => {
    const record = await call(require.resolve('../../bench/record'), { rounds: 2, singles: 2 });
    const found = rows({ record });

    expect(found.length).toBeGreaterThanOrEqual(10);
    for (const { what, addon, jsSdk = 0, memcpy = 0 } of found) {
      expect({ what, isFinite: [addon, jsSdk, memcpy].every(Number.isFinite) }).toEqual({ what, isFinite: true });
    }
    expect(record.entries).toMatchObject({ accepted: record.entries.processed, lost: 0 });
    expect(record.metrics.addon).toContain('ccxray.tokens.input_total');
    expect(record.metrics.jsSdk).toContain('ccxray.tokens.input_total');
    expect(resultTable(found)).toContain('record: index line 2 KB, string, ASCII');
  }, 30_000);

  (process.platform === 'linux' ? test : test.skip)('measures a start with files that wait, and one without', async () => {
    const found = rows({ start: await measure({ rounds: 1, files: 3 }) });

    expect(found.map(({ what }) => what)).toEqual(expect.arrayContaining(['start: init', 'start: init, 100 files wait to be delivered']));
    for (const { what, addon } of found) expect({ what, isMeasured: addon > 0 }).toEqual({ what, isMeasured: true });
    expect(found.filter(({ isMet }) => isMet !== undefined)).toHaveLength(2);
  }, 30_000);

  test('rejects an unknown option and suggests the nearest one', async () => {
    const io = capture();

    expect(await main(['--qick'], io)).toBe(2);
    expect(io).toMatchObject({ stdout: '', stderr: 'Unknown option --qick. Did you mean --quick? See: npm run bench -- --help\n' });
  });

  test('prints its help on stdout', async () => {
    const io = capture();

    expect(await main(['--help'], io)).toBe(0);
    expect(io).toMatchObject({ stdout: expect.stringContaining('--json FILE'), stderr: '' });
  });
});

describe('the payloads', () => {
  test.each(['ascii', 'cjk'])('are equal in every run, with the documented sizes (%s)', (script) => {
    const { line, response } = turn(3, script);

    expect(turn(3, script)).toMatchObject({ line, response });
    expect(line.length).toBeGreaterThanOrEqual(LINE_LENGTH);
    expect(line.length).toBeLessThan(LINE_LENGTH * 1.1);
    expect(response.length).toBeGreaterThan(RESPONSE_LENGTH * 0.95);
    expect(response.length).toBeLessThan(RESPONSE_LENGTH * 1.05);
    expect(body(0, script).bytes.length).toBeGreaterThanOrEqual(BODY_LENGTH);
  });

  test('use two-byte characters for CJK only', () => {
    expect([turn(0, 'ascii'), turn(0, 'cjk')].map(({ line, response }) => [isTwoByte(line), isTwoByte(response)])).toEqual([
      [false, false],
      [true, true],
    ]);
  });
});
