'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const fc = require('fast-check');

const { linesOf } = require('../../cli/history/lines');
const { hasLogs, openLogs, usualDirectory } = require('../../cli/history/logs');
const { timeOf } = require('../../cli/history/since');

let directory;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-logs-'));
});

afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const write = (name, text) => fs.writeFileSync(path.join(directory, name), text);

describe('a logs directory', () => {
  test('gives its turns without imported ones', () => {
    write('index.ndjson', ['{"id":"a"}', '{"id":"b","imported":true}', '', '{"id":"c"}', 'no json'].join('\n'));
    write('a_res.json', '[1]');
    write('a_req.json', '{"n":1}');
    write('b_res.json', '[2]');
    const logs = openLogs(directory);
    const turns = [...logs.turns()];
    expect(logs).toMatchObject({ total: 3, skipped: { copies: 0, imported: 1, older: 0 } });
    expect(turns.map(({ line, parts }) => [line, parts.response?.toString(), parts.request?.toString()])).toEqual([['{"id":"a"}', '[1]', '{"n":1}'], ['{"id":"c"}', undefined, undefined], ['no json', undefined, undefined]]);
    expect(logs).toMatchObject({ without: { ambiguous: 0, missing: 1, unreadable: 0 }, withoutRequest: 1 });
  });

  test('omits the files of turns with the same id', () => {
    write('index.ndjson', '{"id":"a","n":1}\n{"id":"a","n":2}\n');
    write('a_res.json', '[]');
    write('a_req.json', '{}');
    const logs = openLogs(directory);
    expect([...logs.turns()].map(({ parts }) => parts)).toEqual([{}, {}]);
    expect(logs).toMatchObject({ without: { ambiguous: 2, missing: 0, unreadable: 0 }, withoutRequest: 2 });
  });

  test('gives one turn for copies of a response', () => {
    const copies = ['{"id":"a","responseId":"msg_1"}', '{"id":"b","responseId":"msg_1"}', '{"id":"a","responseId":"msg_1"}'];
    const others = ['{"id":"c","responseId":null}', '{"id":"d","responseId":null}', '{"id":"e","responseId":"msg_2"}'];
    write('index.ndjson', [...copies, ...others].join('\n'));
    write('a_res.json', '[1]');
    const logs = openLogs(directory);
    const turns = [...logs.turns()];
    expect(logs).toMatchObject({ total: 4, skipped: { copies: 2 } });
    expect(turns.map(({ line }) => JSON.parse(line).id)).toEqual(['a', 'c', 'd', 'e']);
    expect(turns[0].parts.response.toString()).toBe('[1]');
  });

  test('gives only turns since a time, and those without a time', () => {
    write('index.ndjson', [1000, 2000, 3000].map((time) => `{"id":"t${time}","receivedAt":${time},"elapsed":"${time === 2000 ? 1.5 : 'x'}"}`).concat('{"id":"none"}').join('\n'));
    const logs = openLogs(directory, { sinceMs: 2000 });
    expect([...logs.turns()].map(({ line, number }) => [JSON.parse(line).id, number])).toEqual([['t2000', 0], ['t3000', 1], ['none', 2]]);
    expect([...logs.times()]).toEqual([{ endMs: 3500 }, { endMs: 3000 }, { endMs: undefined }]);
    expect(logs).toMatchObject({ total: 3, skipped: { older: 1 } });
  });

  test('can be read from near its end', () => {
    write('index.ndjson', '{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n');
    for (const [newestBytes, ids] of [[11, ['c']], [12, ['c']], [22, ['b', 'c']], [1000, ['a', 'b', 'c']]]) {
      expect([...openLogs(directory, { newestBytes }).turns()].map(({ line }) => JSON.parse(line).id)).toEqual(ids);
    }
  });

  test('does not end at a file that cannot be read', () => {
    write('index.ndjson', '{"id":"a"}\n{"id":"b"}\n');
    fs.mkdirSync(path.join(directory, 'a_res.json'));
    write('b_res.json', '[]');
    const logs = openLogs(directory);
    expect([...logs.turns()].map(({ parts }) => parts.response?.toString())).toEqual([undefined, '[]']);
    expect(logs.without).toEqual({ ambiguous: 0, missing: 0, unreadable: 1 });
  });

  test('does not read files outside of it', () => {
    fs.mkdirSync(path.join(directory, 'logs'));
    write(path.join('logs', 'index.ndjson'), '{"id":"../secret"}\n');
    write('secret_res.json', '[]');
    expect([...openLogs(path.join(directory, 'logs')).turns()]).toEqual([{ line: '{"id":"../secret"}', parts: {}, number: 0 }]);
  });

  test('that does not exist or has no index is an error', () => {
    expect(() => openLogs(path.join(directory, 'none'))).toThrow(/--logs: no such directory: .*none$/);
    write('file', '');
    expect(() => openLogs(path.join(directory, 'file'))).toThrow(/is a file; give the directory that holds index\.ndjson$/);
    expect(() => openLogs(directory)).toThrow(/--logs: no index\.ndjson in /);
    expect(hasLogs(directory)).toBe(false);
    expect(hasLogs(undefined)).toBe(false);
  });

  test('is below the home of ccxray', () => {
    expect(usualDirectory({ HOME: '/home/me' })).toBe('/home/me/.ccxray/logs');
    expect(usualDirectory({ HOME: '/home/me', CCXRAY_HOME: '/srv/ccxray' })).toBe('/srv/ccxray/logs');
    expect(usualDirectory({ HOME: '/home/me', CCXRAY_HOME: 'relative' })).toBe('/home/me/.ccxray/logs');
    expect(usualDirectory({})).toBeUndefined();
  });
});

describe('the lines of a file', () => {
  test('are those that a split gives, wherever it starts', () => {
    const text = fc.stringMatching(/^[a-c漢\r\n]{0,60}$/);
    fc.assert(fc.property(text, fc.nat(80), (written, from) => {
      write('lines', written);
      const bytes = Buffer.from(written);
      const start = Math.min(from, bytes.length);
      // A line starts behind a line end, or at the beginning.
      const next = start === 0 || bytes[start - 1] === 10 ? start : bytes.indexOf(10, start) + 1 || bytes.length;
      const expected = bytes.subarray(next).toString().split('\n').map((line) => line.replace(/\r$/, ''));
      if (expected.at(-1) === '') expected.pop();
      expect([...linesOf(path.join(directory, 'lines'), { from: start })]).toEqual(expected);
    }));
  });

  test('can be longer than what is read at once, but not than an entry', () => {
    const long = 'x'.repeat(3 << 20);
    write('lines', `${long}\n${'y'.repeat(65 << 20)}\nz\n`);
    let read = 0;
    const lines = [...linesOf(path.join(directory, 'lines'), { onRead: (bytes) => { read = bytes; } })];
    expect(lines.map((line) => line.length)).toEqual([long.length, 0, 1]);
    expect(read).toBe(fs.statSync(path.join(directory, 'lines')).size);
  });
});

describe('a time', () => {
  const now = Date.UTC(2026, 10, 20, 12);

  test.each([['7d', now - 604_800_000], ['12h', now - 43_200_000], ['30m', now - 1_800_000], ['2026-11-01', new Date(2026, 10, 1).getTime()]])('%s', (text, expected) => {
    expect(timeOf(text, now)).toBe(expected);
  });

  test.each(['', '7', 'd', '7w', '-7d', '7.5d', '2026-11-31', '2026-13-01', '26-11-01', '2026-11-01T00:00'])('%j is none', (text) => {
    expect(timeOf(text, now)).toBeUndefined();
  });
});
