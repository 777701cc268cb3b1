/** The texts of the page, in the user's language. */

import en from './en.js';
import zhTW from './zh-TW.js';

/** All texts, by language. */
export const TEXTS = { en, 'zh-TW': zhTW };

/**
 * @param {string} language
 * @returns {((key: string, values?: Record<string, unknown>) => string) & {has: (key: string) => boolean}} gives the text
 *   of a key, with values instead of its placeholders
 * @throws {Error} if there is no such text
 */
export function translator(language) {
  const texts = TEXTS[language];
  const translate = (key, values = {}) => {
    if (!Object.hasOwn(texts, key)) throw new Error(`There is no text ${key} in ${language}.`);
    return texts[key].replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name]));
  };
  translate.has = (key) => Object.hasOwn(texts, key);
  return translate;
}
