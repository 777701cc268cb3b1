'use strict';

const { inChinese } = require('./chinese');
const { CHINESE } = require('./locale');

/**
 * @param {string} line of a question for approval, in English
 * @param {'en'|'zh-TW'} language
 * @returns {string} the line in that language, or in English if there is no translation
 */
function lineIn(line, language) {
  return language === CHINESE ? inChinese(line) : line;
}

module.exports = { lineIn };
