/** A request as OTLP/JSON in a form that people can read. */

/**
 * @param {string[]} requests
 * @returns {{name: string, unit: string, description: string, points: {attributes: string, value: string}[]}[]} the metrics
 */
export function metricsOf(requests) {
  const all = requests.map((request) => JSON.parse(request));
  return all.flatMap(({ resourceMetrics }) => resourceMetrics).flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics).map((metric) => {
    const { name, unit = '', description = '', sum, gauge, histogram, exponentialHistogram } = metric;
    const { dataPoints } = sum ?? gauge ?? histogram ?? exponentialHistogram;
    return { name, unit, description, points: dataPoints.map((point) => ({ attributes: attributesText(point), value: valueText(point) })) };
  });
}

/**
 * @param {string} request
 * @returns {string} with line breaks
 */
export function pretty(request) {
  return JSON.stringify(JSON.parse(request), null, 2);
}

function attributesText({ attributes = [] }) {
  return attributes.map(({ key, value }) => `${key}=${Object.values(value)[0]}`).join(', ');
}

/** The number of a point; of a histogram, how many values there are and their sum. */
function valueText({ asInt, asDouble, count, sum }) {
  return count === undefined ? String(asInt ?? asDouble) : `count ${count}, sum ${sum}`;
}
