'use strict';

const { linesOf } = require('./edit');

/** How many unchanged lines a diff shows around a change. */
const CONTEXT = 3;

/**
 * The difference between two texts, the second of which only has more lines. `git apply` and `patch` can read it.
 * @param {string} file path for the heading
 * @param {string|undefined} before undefined: the file is new
 * @param {string} after
 * @param {(line: string) => boolean} isAdded whether a line of `after` is one of the added ones
 * @returns {string[]} lines without line ends
 */
function diffOf(file, before, after, isAdded) {
  const lines = linesOf(after).map((text) => ({ text, added: before === undefined || isAdded(text) }));
  if (!lines.some(({ added }) => added)) return [];
  return [`--- ${before === undefined ? '/dev/null' : `a/${file}`}`, `+++ b/${file}`, ...hunksOf(lines).flatMap((hunk) => hunkLines(lines, hunk, before === undefined))];
}

/** Ranges of lines: each change with its context. Ranges that touch are one. */
function hunksOf(lines) {
  const hunks = [];
  lines.forEach(({ added }, i) => {
    if (!added) return;
    const [from, to] = [Math.max(0, i - CONTEXT), Math.min(lines.length, i + 1 + CONTEXT)];
    if (hunks.length > 0 && from <= hunks.at(-1).to) hunks.at(-1).to = to;
    else hunks.push({ from, to });
  });
  return hunks;
}

function isOld({ added }) {
  return !added;
}

function hunkLines(lines, { from, to }, isNew) {
  const shown = lines.slice(from, to);
  const oldLength = shown.filter(isOld).length;
  const oldStart = isNew ? 0 : lines.slice(0, from).filter(isOld).length + 1;
  const body = shown.flatMap(({ text, added }) => {
    const line = `${added ? '+' : ' '}${text.replace(/\n$/, '')}`;
    return text.endsWith('\n') ? [line] : [line, '\\ No newline at end of file'];
  });
  return [`@@ -${oldStart},${oldLength} +${from + 1},${shown.length} @@`, ...body];
}

module.exports = { diffOf };
