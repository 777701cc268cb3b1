/** Numbers, durations and times in the user's language. */

/**
 * @param {string} language
 * @returns {Format}
 */
export function formatOf(language) {
  return new Format(language);
}

/** Shows values by their unit. */
export class Format {
  #language;
  #formatters = new Map();

  /** @param {string} language */
  constructor(language) {
    this.#language = language;
  }

  /**
   * @param {number} value
   * @param {string} [unit] as OpenTelemetry writes it
   * @returns {string} `–` if there is no value
   */
  value(value, unit = '') {
    if (!Number.isFinite(value)) return '–';
    if (unit === '{USD}') return this.#number({ style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', minimumFractionDigits: 2, maximumFractionDigits: value !== 0 && Math.abs(value) < 1 ? 4 : 2 }, value);
    if (unit === '1') return this.#number({ style: 'percent', maximumFractionDigits: 1 }, value);
    if (unit === '%') return this.#number({ style: 'percent', maximumFractionDigits: 1 }, value / 100);
    if (unit === 's') return this.#seconds(value);
    return this.#number({ maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 }, value);
  }

  /** As `value`, but short: for axes and cards. */
  short(value, unit = '') {
    if (!Number.isFinite(value)) return '–';
    if (unit === '{USD}' && Math.abs(value) >= 1000) return this.#number({ style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', notation: 'compact' }, value);
    if (Math.abs(value) >= 10_000 && !['{USD}', '1', '%', 's'].includes(unit)) return this.#number({ notation: 'compact', ...this.#digits }, value);
    return this.value(value, unit);
  }

  /** For an axis: no more digits than needed. */
  axis(value, unit = '') {
    if (unit === '{USD}') return this.#number({ style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 3 }, value);
    if (unit === '1' || unit === '%') return this.#number({ style: 'percent', maximumFractionDigits: 0 }, unit === '1' ? value : value / 100);
    if (unit === 's') return `${this.#number({ maximumFractionDigits: 2 }, value)} s`;
    return this.#number({ notation: 'compact', maximumFractionDigits: 1 }, value);
  }

  /**
   * @param {number} timeMs
   * @returns {string} date and time
   */
  time(timeMs) {
    return this.#date({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, timeMs);
  }

  /** Date and time with seconds. */
  clock(timeMs) {
    return this.#date({ weekday: 'short', year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }, timeMs);
  }

  /**
   * @param {number} timeMs
   * @param {number} spanMs of the whole axis
   * @returns {string} a short time for an axis
   */
  tick(timeMs, spanMs) {
    const isMidnight = new Date(timeMs).getHours() === 0 && new Date(timeMs).getMinutes() === 0;
    if (spanMs > 2 * 86_400_000 || isMidnight) return this.#date({ month: 'numeric', day: 'numeric' }, timeMs);
    return this.#date({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...spanMs < 600_000 ? { second: '2-digit' } : {} }, timeMs);
  }

  /**
   * @param {number} durationMs a whole number of seconds, minutes, hours or days
   * @returns {string} such as `15 minutes`
   */
  duration(durationMs) {
    const [unit, lengthMs] = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]].find(([, length]) => durationMs % length === 0) ?? ['second', 1000];
    return this.#number({ style: 'unit', unit, unitDisplay: 'long' }, durationMs / lengthMs);
  }

  /** A compact number in Chinese has up to four digits before its unit, which is ten thousand. */
  get #digits() {
    return this.#language.startsWith('zh') ? { maximumSignificantDigits: 4 } : { maximumFractionDigits: 1 };
  }

  #seconds(value) {
    if (value > 0 && value < 1) return `${this.#number({ maximumFractionDigits: 0 }, value * 1000)} ms`;
    return `${this.#number({ maximumFractionDigits: value < 100 ? 1 : 0 }, value)} s`;
  }

  #number(options, value) {
    return this.#cached(Intl.NumberFormat, options).format(value);
  }

  #date(options, timeMs) {
    return this.#cached(Intl.DateTimeFormat, options).format(timeMs);
  }

  /** A formatter is slow to make and quick to use. */
  #cached(Formatter, options) {
    const key = JSON.stringify(options);
    if (!this.#formatters.has(key)) this.#formatters.set(key, new Formatter(this.#language, options));
    return this.#formatters.get(key);
  }
}
