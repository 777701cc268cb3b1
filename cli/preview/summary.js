'use strict';

const { cut } = require('../cut');
const { hasLogs, openLogs, usualDirectory } = require('../history/logs');
const { ENGLISH } = require('../language/locale');
const { lineIn } = require('../language/translation');
const { wrap } = require('../wrap');
const { count, sizeText } = require('./lines');
const { kindText, replacedNames, sentNames } = require('./names');
const { addTurns } = require('./turns');
const { variantsOf } = require('./variant');

/** A question must not wait long for its summary: so much of the index is read, for so long. */
const NEWEST_BYTES = 2 << 20;
const WITHIN_MS = 1500;
/** How many names are shown of those that are sent, and of those that are replaced. */
const MOST_NAMES = 6;

/**
 * The preview in a few lines, for the question whether to approve: what the project would send after the newest turns in
 * the user's logs, as if it was approved. Without logs only the command that shows more.
 * @param {object} addon
 * @param {{cwd: string, env: Record<string, string|undefined>}} place
 * @param {string} command that shows the whole preview
 * @param {object} [options]
 * @param {{tier?: number}} [options.assumed] instead of what the config says
 * @param {'en'|'zh-TW'} [options.language] in which the user is asked
 * @returns {string[]} 15 lines at most
 */
function summaryLines(addon, place, command, { assumed = {}, language = ENGLISH } = {}) {
  const more = lineIn(`See exactly what: ${command}`, language);
  const directory = usualDirectory(place.env);
  if (!hasLogs(directory)) return [more];
  const dryRun = addon.dryRun(place, [assumed]);
  const turns = addTurns(dryRun, openLogs(directory, { newestBytes: NEWEST_BYTES }), { withinMs: WITHIN_MS });
  const { variants: [variant] } = variantsOf(dryRun);
  const published = sentNames(variant.decisions, true).map(([kind, names]) => `${names.length} ${kindText(kind, names.length)}`);
  const own = sentNames(variant.decisions, false).flatMap(([, names]) => names);
  const replaced = replacedNames(variant.decisions);
  const rows = [
    sizeText(variant).replace(/^[ae]/, (first) => first.toUpperCase()),
    `Published names: ${published.join(', ') || 'none'}`,
    `Names of your own: ${cut(own, MOST_NAMES).join(', ') || 'none'}`,
    `Replaced names: ${cut(replaced.map((line) => line.replace(/ \(.*$/, '')), MOST_NAMES).join(', ') || 'none'}`,
  ];
  const heading = lineIn(`It would send this, computed from the newest ${count(turns, 'turn')} in your logs:`, language);
  return [heading, ...rows.flatMap((row) => wrap(lineIn(row, language), { first: '  ', indent: 4 })).slice(0, 13), more];
}

module.exports = { summaryLines };
