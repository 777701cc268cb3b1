/** Numbers by the units of Grafana. */

import { Format } from '../../../demo/page/format.js';

/** How the live page calls the units of Grafana. */
const UNITS = { currencyUSD: '{USD}', percentunit: '1', percent: '%', short: '' };
const DURATIONS = [[86_400, 'd'], [3600, 'h'], [60, 'min']];

/** The format of the live page, with longer durations and Grafana's names of units. */
export class GrafanaFormat extends Format {
  /** @returns {string} */
  value(value, unit = '') {
    const [length, name] = DURATIONS.find(([seconds]) => unit === 's' && value >= 2 * seconds) ?? [];
    if (name !== undefined) return `${(value / length).toFixed(1)} ${name}`;
    if (unit === 'ms') return this.value(value / 1000, 's');
    if (unit === 'x') return `${value.toFixed(1)} ×`;
    return super.value(value, UNITS[unit] ?? unit);
  }

  /** @returns {string} */
  short(value, unit = '') {
    if (unit === 's' || unit === 'ms' || unit === 'x') return this.value(value, unit);
    return super.short(value, UNITS[unit] ?? unit);
  }

  /** @returns {string} */
  axis(value, unit = '') {
    return unit === 'ms' ? super.axis(value / 1000, 's') : super.axis(value, UNITS[unit] ?? unit);
  }
}
