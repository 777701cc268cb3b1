'use strict';

/**
 * The spellings of a model's name that a family may begin like, the name itself first. Gateways put the vendor or a region in front
 * (`anthropic/claude-…`, `us.anthropic.claude-…`, `publishers/…/models/…`, a resource name), write versions with dots, or put them
 * before the name (`claude-4.6-opus-…`).
 * @param {string} model
 * @returns {string[]}
 */
function spellingsOf(model) {
  const name = model.trim().toLowerCase();
  const plain = name.slice(name.lastIndexOf('/') + 1).replace(/^(?:[a-z-]+\.)+/, '');
  if (!plain.startsWith('claude-')) return [plain];
  const hyphened = plain.replace(/(?<=\d)\.(?=\d)/g, '-');
  return [plain, hyphened, swapped(hyphened, /^claude-(\d+(?:-\d{1,2})?)-([a-z]+)/), swapped(hyphened, /^claude-([a-z]+)-(\d+(?:-\d{1,2})?)(?!\d)/)];
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

module.exports = { spellingsOf, canFollow };
