'use strict';

const ENGLISH = 'en';
const CHINESE = 'zh-TW';

/** The variables that set the language of messages, the strongest first. Source: POSIX.1-2024, "Internationalization Variables". */
const VARIABLES = ['LC_ALL', 'LC_MESSAGES', 'LANG'];
/** Where Chinese is written with traditional characters. */
const TRADITIONAL = /^zh[_-](?:hant|tw|hk|mo)(?![a-z])/i;

/**
 * The language in which the user is asked for approval.
 * @param {Record<string, string|undefined>} env
 * @param {{json?: boolean}} [values] with `json` another program reads what is printed, so it is English
 * @returns {'en'|'zh-TW'}
 */
function languageOf(env, { json = false } = {}) {
  const locale = VARIABLES.map((name) => env[name]).find((value) => value !== undefined && value !== '') ?? '';
  return !json && TRADITIONAL.test(locale) && isUnicode(locale) ? CHINESE : ENGLISH;
}

/** All that is printed is UTF-8. On a terminal with another character set, such as Big5, Chinese would not be readable. */
function isUnicode(locale) {
  const [, charset] = /\.([^@]*)/.exec(locale) ?? [];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

module.exports = { CHINESE, ENGLISH, languageOf };
