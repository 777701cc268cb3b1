'use strict';

/** The resource attributes of a process, as each backend makes labels of them. */
const RESOURCE_LABELS = {
  // Prometheus' own receiver, with the promoted attributes of dashboards/README.md.
  prometheus: ({ instance, project, team, isCountedTwice }) => ({
    'instance': instance, 'project.name': project, team, ...(isCountedTwice && { 'ccxray.cli_otel_active': 'true' }),
  }),
  victoriaMetrics: ({ instance, project, team, isCountedTwice }) => ({
    'service.instance.id': instance, 'project.name': project, team, ...(isCountedTwice && { 'ccxray.cli_otel_active': 'true' }),
  }),
};

/**
 * @param {import('./recorder').Series} series
 * @param {import('./processes').Process} process
 * @param {import('../../dashboards/source/names').Names} names
 * @param {(process: object) => object} resourceLabels one of `RESOURCE_LABELS`
 * @returns {Record<string, string>} all labels, `__name__` included
 */
function labelsOf({ metric, part, attributes }, process, names, resourceLabels) {
  const labels = { ...resourceLabels(process), ...attributes };
  const spelt = Object.fromEntries(Object.entries(labels).map(([key, value]) => [names.rawLabel(key), value]));
  return { __name__: names.series(metric, part), ...spelt };
}

/**
 * The samples as OpenMetrics, one text for each time of that length.
 * @param {{recorders: import('./recorder').Recorder[]}} fortnight
 * @param {import('../../dashboards/source/names').Names} names
 * @param {number} seconds length of a part
 * @yields {string}
 */
function* openMetrics({ recorders }, names, seconds) {
  const all = recorders.flatMap(({ process, series }) => series.map((each) => ({ ...each, at: 0, labels: selector(labelsOf(each, process, names, RESOURCE_LABELS.prometheus)) })));
  for (;;) {
    const first = all.reduce((least, series) => Math.min(least, next(series)), Infinity);
    if (first === Infinity) return;
    const end = first - (first % seconds) + seconds;
    const lines = [];
    for (const series of all) {
      for (; next(series) < end; series.at += 1) lines.push(`${series.labels} ${series.values[series.at]} ${series.times[series.at]}`);
    }
    lines.push('# EOF\n');
    yield lines.join('\n');
  }
}

/** The time of the next sample of a series. */
function next({ times, at }) {
  return times[at] ?? Infinity;
}

function selector({ __name__: name, ...labels }) {
  return `${name}{${Object.entries(labels).map(([key, value]) => `${key}="${value}"`).join(',')}}`;
}

/**
 * The samples as lines of JSON, as VictoriaMetrics imports them.
 * @param {{recorders: import('./recorder').Recorder[]}} fortnight
 * @param {import('../../dashboards/source/names').Names} names
 * @yields {string} the lines of one process
 */
function* importLines({ recorders }, names) {
  for (const { process, series } of recorders) {
    yield series.map((each) => `${JSON.stringify({
      metric: labelsOf(each, process, names, RESOURCE_LABELS.victoriaMetrics), values: each.values, timestamps: each.times.map((time) => time * 1000),
    })}\n`).join('');
  }
}

module.exports = { importLines, openMetrics };
