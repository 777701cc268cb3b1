'use strict';

const protobuf = require('protobufjs');
const snappy = require('snappyjs');

const { plainAttributes } = require('../otlp/messages');
const { startReceiver } = require('../receiver/receiver');
const { prometheusName } = require('./prometheus-name');

/**
 * Starts an OTLP receiver in front of a Prometheus without one, as Debian's is. It forwards every sample of a request by
 * remote write before it answers the request.
 * @param {string} prometheus base URL
 * @returns {Promise<import('../receiver/receiver').Receiver>}
 */
function startBridge(prometheus) {
  return startReceiver({
    async onRequest(request) {
      const body = snappy.compress(WriteRequest.encode(WriteRequest.fromObject({ timeseries: timeseries(request) })).finish());
      const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' };
      const answer = await fetch(`${prometheus}/api/v1/write`, { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(`remote write: ${answer.status} ${await answer.text()}`);
    },
  });
}

/** One time series for each number, with the names and labels of Prometheus's translation of OTLP. */
function timeseries(request) {
  const out = [];
  for (const { resource, scopeMetrics = [] } of request.resourceMetrics ?? []) {
    const { 'service.name': job = '', 'service.instance.id': instance = '', ...about } = plainAttributes(resource?.attributes);
    out.push({ labels: labels({ ...about, job, instance, __name__: 'target_info' }), samples: [{ value: 1, timestamp: String(Date.now()) }] });
    for (const metric of scopeMetrics.flatMap(({ metrics = [] }) => metrics)) {
      const name = prometheusName(metric.name, { isCounter: metric.sum?.isMonotonic === true, unit: metric.unit });
      for (const point of (metric.sum ?? metric.gauge ?? metric.histogram)?.dataPoints ?? []) {
        const timestamp = String(BigInt(point.timeUnixNano) / 1_000_000n);
        for (const [suffix, value, le] of metric.histogram ? buckets(point) : [['', point.asDouble ?? Number(point.asInt ?? 0)]]) {
          out.push({ labels: labels({ ...plainAttributes(point.attributes), job, instance, ...(le && { le }), __name__: name + suffix }), samples: [{ value, timestamp }] });
        }
      }
    }
  }
  return out;
}

/** Count, sum, and the buckets of Prometheus: each includes all smaller ones. */
function* buckets({ count = '0', sum = 0, bucketCounts = [], explicitBounds = [] }) {
  yield ['_count', Number(count)];
  yield ['_sum', sum];
  let soFar = 0;
  for (const [i, bound] of explicitBounds.entries()) {
    soFar += Number(bucketCounts[i] ?? 0);
    yield ['_bucket', soFar, String(bound)];
  }
  yield ['_bucket', Number(count), '+Inf'];
}

/** Remote write requires labels in the order of their names. */
function labels(pairs) {
  const list = Object.entries(pairs).map(([name, value]) => ({ name: name.replace(/[^a-zA-Z0-9_]/g, '_'), value: String(value) }));
  list.sort((a, b) => (a.name < b.name ? -1 : 1));
  return list;
}

const WriteRequest = protobuf.Root.fromJSON({
  nested: {
    WriteRequest: { fields: { timeseries: { rule: 'repeated', type: 'TimeSeries', id: 1 } } },
    TimeSeries: { fields: { labels: { rule: 'repeated', type: 'Label', id: 1 }, samples: { rule: 'repeated', type: 'Sample', id: 2 } } },
    Label: { fields: { name: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Sample: { fields: { value: { type: 'double', id: 1 }, timestamp: { type: 'int64', id: 2 } } },
  },
}).lookupType('WriteRequest');

module.exports = { startBridge };
