'use strict';

/** The escape sequences of terminals. Source: ECMA-48, "Select Graphic Rendition". */
const CODES = { bold: '1', red: '31', green: '32', yellow: '33' };

/** A line with a style, for a terminal that has colours. */
class Styled {
  constructor(style, text) {
    this.style = style;
    this.text = text;
  }

  /** @returns {string} the text between escape sequences */
  painted(text) {
    return `\u001B[${CODES[this.style]}m${text}\u001B[0m`;
  }
}

/**
 * @param {'bold'|'red'|'green'|'yellow'} style
 * @param {string} text
 * @returns {Styled} a line for `Terminal.out`
 */
function styled(style, text) {
  return new Styled(style, text);
}

/**
 * @param {{isTTY?: boolean}} stream
 * @param {Record<string, string|undefined>} env
 * @returns {boolean} whether the stream shows colours, and the user wants some. Source: https://no-color.org
 */
function hasColors(stream, env) {
  return Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb';
}

module.exports = { Styled, hasColors, styled };
