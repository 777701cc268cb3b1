/** The numbers at the top of the page. */

import { COST, allTokens, cacheShare, costToday } from './cost.js';
import { ignoredFilters } from './metric.js';
import { ERRORS, errorCount } from './quality.js';
import { TURNS, counts } from './usage.js';

/**
 * @param {import('./metric.js').Context} context
 * @returns {{id: string, value: number, unit: string, note?: {key: string, values: object}, ignored: string[]}[]}
 */
export function cards(context) {
  const cost = costToday(context);
  const { turns, sessions } = counts(context);
  const errors = errorCount(context);
  return [
    { id: 'cost', value: cost.today, unit: '{USD}', note: costNote(cost), ignored: ignoredFilters(context, [COST]) },
    { id: 'tokens', value: allTokens(context), unit: '{token}', ignored: ignoredFilters(context, ['ccxray.tokens.input_total']) },
    { id: 'turns', value: turns, unit: '{turn}', ignored: ignoredFilters(context, [TURNS]) },
    { id: 'cache', value: cacheShare(context), unit: '1', ignored: ignoredFilters(context, ['ccxray.tokens.cache_read_total']) },
    { id: 'errors', value: errors / (turns + errors), unit: '1', note: { key: 'card.errors.note', values: { count: { value: errors, unit: '{error}' } } }, ignored: ignoredFilters(context, [ERRORS, TURNS]) },
    { id: 'sessions', value: sessions, unit: '{session}', ignored: ignoredFilters(context, ['ccxray.sessions_total']) },
  ];
}

function costNote({ today, mean, days }) {
  if (days === 0) return { key: 'card.cost.first', values: {} };
  const values = { mean: { value: mean, unit: '{USD}' }, days };
  if (!(mean > 0)) return { key: 'card.cost.mean', values };
  const change = (today - mean) / mean;
  return { key: change < 0 ? 'card.cost.less' : 'card.cost.more', values: { ...values, change: { value: Math.abs(change), unit: '1' } } };
}
