'use strict';

/** The lines with which a client turns plan mode on or off. */

const { lineAt, lineStart, LINE_LIMIT } = require('./text');

const LINE_COUNT = 8;
/** How a line begins that turns plan mode on or off. */
const PLAN_MARKS = [
  'Plan mode is ',
  'Plan mode still ',
  '## Exited Plan Mode',
  '## Re-entering Plan Mode',
  '## Returning to Plan Mode',
  'You have exited plan mode.',
  'User has approved your plan.',
];
/** What each of those marks contains. They begin with a capital letter, which makes the search fast. */
const PLAN_WORDS = ['Plan mode ', 'Plan Mode', 'You have exited plan mode.', 'User has approved your plan.'];
const REMINDER = '<system-reminder>';
const NONE = [];

/** The last lines of a text that turn plan mode on or off, after the position `from`, in their order. */
function planLines(text, from) {
  const starts = PLAN_WORDS.flatMap((mark) => markedStarts(text, mark, from));
  if (starts.length === 0) return NONE;
  const lines = [];
  // Each mark was searched alone, so their lines are put into the order of the text.
  for (const start of starts) lines.splice(lines.findLastIndex((line) => line < start) + 1, 0, start);
  return lines.slice(-LINE_COUNT).map((start) => lineAt(text, start));
}

function markedStarts(text, mark, from) {
  const starts = [];
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    const start = lineStart(text, at);
    if (start >= 0 && isPlanMark(text.slice(start, start + LINE_LIMIT))) starts.push(start);
    if (starts.length > LINE_COUNT) starts.shift();
  }
  return starts;
}

function isPlanMark(line) {
  const start = line.trimStart();
  const mark = start.startsWith(REMINDER) ? start.slice(REMINDER.length).trimStart() : start;
  return PLAN_MARKS.some((known) => mark.startsWith(known));
}

module.exports = { planLines, REMINDER };
