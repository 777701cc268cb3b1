'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8' };
const MINUTE = 60_000;
const SLOT_MS = 10_000;
const SLOTS = 8640;
const TIMES_PER_MESSAGE = 20;

/**
 * Serves a built page with as many values as it can have: every series has a value in each slot of a day. It makes the values
 * while it sends them.
 * @param {{directory: string, series: object[], nowMs: number}} options
 * @returns {Promise<{url: string, push: () => void, close: () => Promise<void>}>} `push` adds one slot to all series
 */
async function startLoadServer({ directory, series, nowMs }) {
  let timeMs = Math.floor(nowMs / SLOT_MS) * SLOT_MS;
  const streams = new Set();
  const server = http.createServer((request, response) => {
    if (request.url.endsWith('/api/stream')) return void sendAll(response, series, timeMs).then(() => streams.add(response));
    if (request.url.endsWith('/api/privacy')) return response.end(JSON.stringify({ turns: 0, never: [], variants: [] }));
    const name = path.basename(request.url) || 'index.html';
    response.setHeader('content-type', TYPES[path.extname(name)] ?? 'text/plain');
    return response.end(fs.readFileSync(path.join(directory, name)));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    push() {
      timeMs += SLOT_MS;
      for (const stream of streams) {
        stream.write(messageOf('points', pointsAt(series, timeMs)));
        stream.write(messageOf('state', stateAt(timeMs)));
      }
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => { server.close(resolve); });
    },
  };
}

async function sendAll(response, series, timeMs) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const clock = { nowMs: timeMs, rate: 0 };
  response.write(messageOf('hello', { version: '0', source: { kind: 'receiver', speed: 1 }, endpoint: 'http://127.0.0.1:1', store: {}, clock }));
  response.write(messageOf('series', series));
  for (let slot = 0; slot < SLOTS; slot += TIMES_PER_MESSAGE) {
    const messages = Array.from({ length: TIMES_PER_MESSAGE }, (_, index) => messageOf('points', pointsAt(series, timeMs - (SLOTS - slot - index) * SLOT_MS)));
    if (!response.write(messages.join(''))) await new Promise((resolve) => { response.once('drain', resolve); });
  }
  response.write(messageOf('ready', {}));
  response.write(messageOf('state', stateAt(timeMs)));
}

function pointsAt(series, timeMs) {
  return { timeMs, values: series.map(({ id, kind, bounds }) => [id, valueOf(id, kind, bounds, timeMs)]) };
}

/** A wave, so that the charts have something to draw. */
function valueOf(id, kind, bounds, timeMs) {
  const wave = 1 + Math.sin(timeMs / (60 * MINUTE) + id);
  if (kind === 'histogram') return [1, Math.round(wave * 10), ...bounds.map((_, index) => (index === id % bounds.length ? 1 : 0)), 0];
  return Math.round(wave * (kind === 'gauge' ? 50 : 1000)) / (kind === 'gauge' ? 100 : 10);
}

function stateAt(nowMs) {
  return { clock: { nowMs, rate: 0 }, isDone: false, exporter: null, receiver: { requests: { accepted: 0, rejected: 0 }, points: 0, bytes: 0 }, dropped: { series: 0, points: 0 } };
}

function messageOf(event, data) {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * @param {number} count how many series
 * @returns {object[]} descriptors over the metrics of the page, as many of each as there is room for
 */
function loadSeries(count) {
  const templates = [
    ['ccxray.cost.usd_total', 'counter', 'model'], ['ccxray.tokens.input_total', 'counter', 'model'], ['ccxray.tokens.output_total', 'counter', 'model'],
    ['ccxray.tokens.cache_read_total', 'counter', 'model'], ['ccxray.tokens.cache_creation_total', 'counter', 'model'], ['ccxray.errors_total', 'counter', 'type'],
    ['ccxray.provider.distribution_total', 'counter', 'provider'], ['ccxray.stop_reason_total', 'counter', 'reason'], ['ccxray.tool.invocations_total', 'counter', 'tool'],
    ['ccxray.mcp.invocations_total', 'counter', 'server'], ['ccxray.skill.activations_total', 'counter', 'skill'], ['ccxray.auto_compact.triggered_total', 'counter', 'trigger'],
    ['ccxray.quota.utilization_ratio', 'gauge', 'window'], ['ccxray.request.duration', 'histogram', 'model'], ['ccxray.request.time_to_first_token', 'histogram', 'model'],
  ];
  return Array.from({ length: count }, (_, id) => {
    const [metric, kind, attribute] = templates[id % templates.length];
    const attributes = { provider: 'anthropic', [attribute]: `name-${Math.floor(id / templates.length)}` };
    const bounds = kind === 'histogram' ? { bounds: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120] } : {};
    return { id, metric, kind, unit: '', description: '', attributes, resource: { project: 'load' }, ...bounds };
  });
}

module.exports = { loadSeries, startLoadServer };
