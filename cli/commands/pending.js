'use strict';

const { count } = require('../preview/lines');
const { linesOfPending } = require('../pending/lines');
const { wrap } = require('../wrap');

const text = 'list what waits to be delivered, of all projects: numbers that a backend has not taken before a process ended';
const options = {
  clear: { type: 'boolean', text: 'delete it. It is not sent then' },
};

function run({ terminal, values, place, addon, program }) {
  const { clear, json } = values;
  if (clear) {
    const deleted = addon().clearPending(place);
    return json ? terminal.json({ deleted }) : terminal.out(deleted === 0 ? 'Nothing waits to be delivered.' : `Deleted: ${count(deleted, 'file')}`);
  }
  const files = addon().pending(place);
  if (json) return terminal.json({ files });
  if (files.length === 0) return terminal.out('Nothing waits to be delivered.');
  return terminal.out(
    'Waits to be delivered', ...linesOfPending(files, Date.now()), '',
    ...wrap(`${how(files)} To send now what may be sent: ${program.name} flush. To delete it: ${program.name} pending --clear`),
  );
}

const isPlanned = ({ resolution }) => resolution !== 'minute';

/** When it is sent, without a command. */
function how(files) {
  const next = 'The next process of each project delivers it, if its config still allows that.';
  const planned = 'What belongs to an hour or a day is sent at a planned time, while a process of the project runs.';
  return [files.every(isPlanned) ? [] : [next], files.some(isPlanned) ? [planned] : []].flat().join(' ');
}

module.exports = { text, options, takesMissingDirectory: true, run };
