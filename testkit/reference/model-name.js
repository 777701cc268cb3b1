'use strict';

/** What gateways put in front of a name, beside a path: a cloud's region and the vendor. */
const VENDOR = /^(?:(?:[a-z-]+\.)+|(?:anthropic|openai|databricks|google|vertex|bedrock|azure|xai|x-ai)[-:]+)+/;

/**
 * The spellings of a model's name that a family may begin like, the name itself first. Case does not matter, and neither do `.` and `_`
 * for `-`, or a version before the name (`claude-4.6-opus-…`). Gateways put the vendor, a region or a path in front.
 * @param {string} model
 * @returns {string[]}
 */
function spellingsOf(model) {
  const name = model.trim().toLowerCase();
  const plain = hyphened(name.slice(name.lastIndexOf('/') + 1).replace(VENDOR, ''));
  if (!plain.startsWith('claude-')) return [plain];
  return [plain, swapped(plain, /^claude-(\d+(?:-\d{1,2})?)-([a-z]+)/), swapped(plain, /^claude-([a-z]+)-(\d+(?:-\d{1,2})?)(?!\d)/)];
}

/** @returns {string} a name in lower case, with hyphens only */
function hyphened(name) {
  return name.toLowerCase().replace(/[._]/g, '-');
}

/** The version before the name, or behind it. */
function swapped(name, form) {
  return name.replace(form, 'claude-$2-$1');
}

/**
 * Whether a text may follow the name of a family: a date or a variant. One or two digits are another version, except for `-0`, the
 * first one.
 * @param {string} rest
 * @returns {boolean}
 */
function canFollow(rest) {
  const [, version] = /^-(\d{1,2})(?=$|[-@:[])/.exec(rest) ?? [];
  return /^(?:$|[-@:[])/.test(rest) && (version === undefined || version === '0');
}

module.exports = { spellingsOf, hyphened, canFollow };
