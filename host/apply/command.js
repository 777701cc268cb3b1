'use strict';

const { CommandError, EXIT } = require('../../cli/errors');
const apply = require('./index');

const text = "make the ccxray in DIR hand its turns to this package: adds server/otel.js and one line at each place, found by names";
const options = {
  'dry-run': { type: 'boolean', text: 'print the changes as a diff, and write nothing' },
  undo: { type: 'boolean', text: 'take the changes back, unless one of the files has changed since' },
};
const exitCodes = [
  ['0', 'success, or nothing to do'],
  ['1', 'a file cannot be read or written'],
  ['2', 'wrong usage'],
  ['65', 'this is not a ccxray that it knows, or a file has changed: nothing is written'],
];

function run({ terminal, values, place, called }) {
  try {
    const changes = values.undo ? apply.undone(place.cwd) : apply.applied(place.cwd);
    if (values.json) return terminal.json(carriedOut(changes, values, place));
    if (changes.length === 0) return terminal.out(values.undo ? `Not applied: ${place.cwd}` : `Already applied: ${place.cwd}`);
    if (values['dry-run']) return values.undo ? terminal.out(...linesOf(changes, 'Would be')) : terminal.text(apply.diff(changes));
    apply.write(place.cwd, changes);
    terminal.out(...linesOf(changes, ''), ...(values.undo ? [] : [`To undo: ${called} --undo ${place.cwd}`]));
  } catch (error) {
    if (!(error instanceof apply.ApplyError)) throw error;
    throw new CommandError(EXIT.DATA, ['Nothing is changed:', ...error.problems.map((problem) => `  ${problem}`)].join('\n'));
  }
  return EXIT.ON;
}

/** Writes the changes unless it is a dry run. */
function carriedOut(changes, values, { cwd }) {
  const isDryRun = values['dry-run'] === true;
  if (!isDryRun && changes.length > 0) apply.write(cwd, changes);
  return { directory: cwd, isWritten: !isDryRun, changes: changes.map(({ file, before, after }) => ({ file, change: changeOf(before, after) })) };
}

function changeOf(before, after) {
  if (after === undefined) return 'removed';
  return before === undefined ? 'added' : 'changed';
}

function linesOf(changes, would) {
  return changes.map(({ file, before, after }) => {
    const done = changeOf(before, after);
    return would === '' ? `${done[0].toUpperCase()}${done.slice(1)}: ${file}` : `${would} ${done}: ${file}`;
  });
}

module.exports = { text, options, exitCodes, run };
