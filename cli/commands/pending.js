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
    return json ? terminal.json({ deleted }) : terminal.out(deleted === 0 ? 'Nothing waits.' : `Deleted: ${count(deleted, 'file')}`);
  }
  const files = addon().pending(place);
  if (json) return terminal.json({ files });
  if (files.length === 0) return terminal.out('Nothing waits to be delivered.');
  return terminal.out(
    'Waits to be delivered', ...linesOfPending(files, Date.now()), '',
    ...wrap(`The next start of each project delivers it. To send it now: ${program.name} flush. To delete it: ${program.name} pending --clear`),
  );
}

module.exports = { text, options, takesMissingDirectory: true, run };
