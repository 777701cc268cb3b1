/**
 * What the user has chosen is kept in the fragment of the page's address. A fragment is not sent to a server, and nothing is
 * stored in the browser.
 */

import { FILTERS } from './filters.js';
import { PRESETS } from './range.js';

const LANGUAGES = new Set(['en', 'zh-TW']);
const THEMES = new Set(['system', 'light', 'dark']);

/**
 * @typedef {object} Choices
 * @property {string} language
 * @property {string} theme
 * @property {{preset: string, fromMs?: number, toMs?: number}} range
 * @property {Record<string, string|undefined>} filter
 * @property {Record<string, string>} split by chart, what its series are
 */

/**
 * @param {string} fragment
 * @param {string} preferred the language of the browser
 * @returns {Choices} with a default for everything that is missing or unknown
 */
export function parseChoices(fragment, preferred) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  const language = LANGUAGES.has(fields.get('lang')) ? fields.get('lang') : languageOf(preferred);
  const theme = THEMES.has(fields.get('theme')) ? fields.get('theme') : 'system';
  const filter = Object.fromEntries(FILTERS.map((name) => [name, fields.get(name) ?? undefined]));
  const split = Object.fromEntries(['cost', 'tokens'].map((id) => [id, fields.get(`${id}-by`) ?? 'model']));
  return { language, theme, range: parseRange(fields), filter, split };
}

/**
 * @param {Choices} choices
 * @returns {string} a fragment for `parseChoices`
 */
export function fragmentOf({ language, theme, range, filter, split }) {
  const fields = new URLSearchParams({ lang: language, theme, range: range.preset });
  if (range.preset === 'custom') {
    fields.set('from', String(range.fromMs));
    fields.set('to', String(range.toMs));
  }
  for (const name of FILTERS) if (filter[name] !== undefined) fields.set(name, filter[name]);
  for (const [id, by] of Object.entries(split)) if (by !== 'model') fields.set(`${id}-by`, by);
  return `#${fields}`;
}

function parseRange(fields) {
  const [fromMs, toMs] = [Number(fields.get('from')), Number(fields.get('to'))];
  const preset = fields.get('range');
  if (preset === 'custom' && fromMs > 0 && toMs > fromMs) return { preset, fromMs, toMs };
  return { preset: Object.hasOwn(PRESETS, preset ?? '') ? preset : '24h' };
}

function languageOf(preferred) {
  return /^zh\b/i.test(preferred) && !/hans|zh-(cn|sg|my)/i.test(preferred) ? 'zh-TW' : 'en';
}
