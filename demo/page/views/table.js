/** The table behind a chart. It has the same numbers. */

/**
 * @typedef {object} Table
 * @property {{label: string, unit?: string, isTime?: boolean}[]} columns
 * @property {unknown[][]} rows plain values; a time is a number of milliseconds
 * @property {unknown[]} [total]
 */

/**
 * @param {object} view
 * @param {(key: string, values?: object) => string} t
 * @returns {Table}
 */
export function tableOf(view, t) {
  if (view.kind === 'rank') return rankTable(view, t);
  if (view.kind === 'distribution') return distributionTable(view, t);
  return timeTable(view, t);
}

/** @returns {boolean} whether a chart has nothing to show */
export function isEmpty({ kind, series, rows, bars }) {
  if (kind === 'rank') return rows.length === 0;
  if (kind === 'distribution') return bars.every(({ value }) => value === 0);
  return series.every(({ values }) => values.every((value) => !Number.isFinite(value)));
}

/**
 * @param {Table} table
 * @returns {string} as CSV: numbers without grouping, times in ISO 8601
 */
export function csvOf({ columns, rows }) {
  return [csvLine(columns.map(({ label }) => label)), ...rows.map((row) => csvLine(row.map((cell, index) => (columns[index].isTime ? new Date(cell).toISOString() : cell))))].join('\r\n');
}

/** The newest step comes first. Steps without any value are left out. */
function timeTable({ times, series, unit, style }, t) {
  const columns = [{ label: t('table.time'), isTime: true }, ...series.map(({ name }) => ({ label: name, unit }))];
  const rows = times.map((timeMs, step) => [timeMs, ...series.map(({ values }) => values[step])]);
  const filled = rows.filter(([, ...values]) => values.some((value) => Number.isFinite(value) && (style !== 'stacked' || value !== 0)));
  filled.reverse();
  if (style !== 'stacked') return { columns, rows: filled };
  return { columns, rows: filled, total: [t('total'), ...series.map(({ total }) => total)] };
}

function rankTable({ rows, unit }, t) {
  const columns = [{ label: t('table.name') }, { label: t('table.value'), unit }];
  return { columns, rows: rows.map(({ name, value }) => [name, value]), total: [t('total'), rows.reduce((sum, { value }) => sum + value, 0)] };
}

function distributionTable({ bars, unit }, t) {
  const columns = [{ label: t('table.from'), unit: '%' }, { label: t('table.to'), unit: '%' }, { label: t('table.value'), unit }];
  return { columns, rows: bars.map(({ from, to, value }) => [from, to, value]) };
}

function csvLine(cells) {
  return cells.map(csvCell).join(',');
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe. */
function csvCell(cell) {
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const text = /^[=+\-@\t\r]/.test(cell) && cell !== '–' ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
