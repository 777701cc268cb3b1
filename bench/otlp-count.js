'use strict'

// Counts the data points of an OTLP metrics request without decoding it: a walk over the protobuf tags.
// Field numbers: opentelemetry/proto/metrics/v1/metrics.proto.

const RESOURCE_METRICS = 1
const SCOPE_METRICS = 2
const METRICS = 2
const NAME = 1
/** gauge, sum, histogram, exponential histogram, summary */
const DATA = new Set([5, 7, 9, 10, 11])
const DATA_POINTS = 1

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/**
 * @param {Buffer} request an ExportMetricsServiceRequest
 * @returns {Map<string, number>} metric name to number of data points (series)
 * @throws {RangeError} when the bytes are no such message
 */
function countPoints(request) {
  const counts = new Map()
  for (const resource of children(request, RESOURCE_METRICS)) {
    for (const scope of children(resource, SCOPE_METRICS)) {
      for (const metric of children(scope, METRICS)) {
        const { name, points } = readMetric(metric)
        counts.set(name, (counts.get(name) ?? 0) + points)
      }
    }
  }
  return counts
}

function readMetric(metric) {
  let name = ''
  let points = 0
  for (const { field, bytes } of fields(metric)) {
    if (field === NAME) name = bytes.toString('utf8')
    else if (DATA.has(field)) points += [...children(bytes, DATA_POINTS)].length
  }
  return { name, points }
}

function* children(message, wanted) {
  for (const { field, bytes } of fields(message)) if (field === wanted) yield bytes
}

/** The length-delimited fields of a message; the others are skipped. */
function* fields(message) {
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      if (at >= message.length) throw new RangeError('the message ends inside a number')
      const byte = message[at]
      at += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const wire = tag % 8
    if (wire === VARINT) varint()
    else if (wire === FIXED64) at += 8
    else if (wire === FIXED32) at += 4
    else if (wire === BYTES) {
      const length = varint()
      if (at + length > message.length) throw new RangeError('a field is longer than its message')
      yield { field: Math.floor(tag / 8), bytes: message.subarray(at, at + length) }
      at += length
    } else throw new RangeError(`unknown wire type ${wire}`)
  }
}

module.exports = { countPoints }
