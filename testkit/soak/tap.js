'use strict';

const diagnostics = require('node:diagnostics_channel');
const zlib = require('node:zlib');

const { decodeRequest, plainAttributes } = require('../otlp/messages');
const { TURNS } = require('../entries/turn');

const STARTED = 'http.server.request.start';
const DELTA = 1;

/**
 * Counts what a collector discarded although it answered with success. The exporter does not send that again, so it is missing in the
 * end. Only deltas are counted, because the next request repeats all cumulative sums.
 */
class Tap {
  #collector;
  /** Intervals of instances that were answered with success: accepted ones, and discarded ones with their turns. */
  #accepted = new Set();
  #discarded = new Map();

  /** @param {import('../faults/collector').FaultyCollector} collector */
  constructor(collector) {
    this.#collector = collector;
    diagnostics.subscribe(STARTED, this.#started);
  }

  close() {
    diagnostics.unsubscribe(STARTED, this.#started);
  }

  /** @returns {{turns: number, intervals: number}} what was discarded during these faults and never accepted later */
  discarded(faults) {
    const lost = Array.from(this.#discarded).filter(([key, { fault }]) => !this.#accepted.has(key) && faults.includes(fault));
    return { turns: lost.reduce((all, [, { turns }]) => all + turns, 0), intervals: lost.length };
  }

  #started = ({ request, response, socket }) => {
    if (socket.localPort !== this.#collector.port) return;
    const chunks = [];
    let fault;
    // The server reads the same chunks.
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => { fault = this.#collector.fault; });
    response.on('finish', () => {
      if (response.statusCode === 200) this.#note(Buffer.concat(chunks), request.headers, fault);
    });
  };

  #note(packed, headers, fault) {
    const { resourceMetrics = [] } = decodeRequest(headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(packed) : packed);
    for (const { resource, scopeMetrics = [] } of resourceMetrics) {
      const { 'service.instance.id': instance } = plainAttributes(resource?.attributes);
      const sums = scopeMetrics.flatMap(({ metrics = [] }) => metrics).filter(({ name }) => name === TURNS).map(({ sum }) => sum);
      const points = sums.filter((sum) => sum?.aggregationTemporality === DELTA).flatMap(({ dataPoints = [] }) => dataPoints);
      if (points.length === 0) continue;
      const key = JSON.stringify([instance, points[0].startTimeUnixNano, points[0].timeUnixNano]);
      const turns = points.reduce((all, { asDouble, asInt }) => all + (asDouble ?? Number(asInt ?? 0)), 0);
      if (fault === 'healthy') this.#accepted.add(key);
      else this.#discarded.set(key, { turns, fault });
    }
  }
}

module.exports = { Tap };
