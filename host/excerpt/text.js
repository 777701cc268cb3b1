'use strict';

/** Texts of messages, and how much of them an excerpt has. */

/** Longest piece of one text in an excerpt, in characters. Apart from marks, metrics read only the beginning. */
const TEXT_LIMIT = 2048;
/** Most texts of one message in an excerpt. With it an excerpt stays below 48,000 characters. */
const TEXT_COUNT = 16;
/** Longest line with a mark, and the most such lines of one text. */
const LINE_LIMIT = 200;
/** How far behind the beginning of its line such a word may be. */
const INDENT_LIMIT = 64;
/** Longest identifier, such as the beginning of an encrypted summary. */
const WORD_LIMIT = 64;

/** The newest texts of a message, each as `read(text, type)` returns it; without those of which it returns nothing. */
function textBlocks(content, read) {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const found = [];
  if (!Array.isArray(blocks)) return found;
  let count = 0;
  for (let i = blocks.length - 1; i >= 0 && count < TEXT_COUNT; i -= 1) {
    const block = blocks[i];
    if (typeof block?.text === 'string') {
      count += 1;
      const text = read(block.text, block.type);
      if (text !== undefined) found.unshift({ type: block.type, text });
    }
  }
  return found;
}

/** Where the line begins that contains the position `at`; -1 if that is too far before it. */
function lineStart(text, at) {
  for (let i = at - 1; i >= at - INDENT_LIMIT; i -= 1) {
    if (i < 0 || text[i] === '\n') return i + 1;
  }
  return -1;
}

function lineAt(text, start) {
  return text.slice(start, start + LINE_LIMIT).split('\n', 1)[0];
}

function word(value) {
  return typeof value === 'string' ? value.slice(0, WORD_LIMIT) : undefined;
}

module.exports = { textBlocks, lineStart, lineAt, word, TEXT_LIMIT, LINE_LIMIT };
