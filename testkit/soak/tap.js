'use strict';

const diagnostics = require('node:diagnostics_channel');
const zlib = require('node:zlib');

const { decodeRequest, plainAttributes } = require('../otlp/messages');
const { TURNS } = require('../entries/turn');

const STARTED = 'http.server.request.start';
const DELTA = 1;

/**
 * What a collector said yes to without taking it. The exporter is right not to send that again, so what is missing in the end may be
 * missing there, and must be counted. Only deltas are looked at: of sums that add up the next request says it all again.
 */
class Tap {
  #collector;
  /** Turns by interval and instance, for intervals that were answered with yes: taken or not. */
  #taken = new Set();
  #denied = new Map();

  /** @param {import('../faults/collector').FaultyCollector} collector */
  constructor(collector) {
    this.#collector = collector;
    diagnostics.subscribe(STARTED, this.#started);
  }

  close() {
    diagnostics.unsubscribe(STARTED, this.#started);
  }

  /** @returns {{turns: number, intervals: number}} what was answered with yes, and never taken, of faults that match */
  denied(faults) {
    const lost = Array.from(this.#denied).filter(([key, { fault }]) => !this.#taken.has(key) && faults.includes(fault));
    return { turns: lost.reduce((all, [, { turns }]) => all + turns, 0), intervals: lost.length };
  }

  #started = ({ request, response, socket }) => {
    if (socket.localPort !== this.#collector.port) return;
    const chunks = [];
    let fault;
    // Whoever reads the request gets the same pieces.
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
      if (fault === 'well') this.#taken.add(key);
      else this.#denied.set(key, { turns, fault });
    }
  }
}

module.exports = { Tap };
