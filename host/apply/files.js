'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * Writes or removes files: all of them, or none if one cannot be written. Each is replaced at once, so that nobody
 * reads half of it.
 * @param {{name: string, text: string|undefined}[]} files undefined: the file is removed
 */
function writeAll(files) {
  const steps = [];
  try {
    for (const { name, text } of files) steps.push(prepared(fs.realpathSync(path.dirname(name)), path.basename(name), text));
    for (const step of steps) {
      step.old = fs.existsSync(step.name) ? fs.readFileSync(step.name) : undefined;
      if (step.temporary === undefined) fs.unlinkSync(step.name);
      else fs.renameSync(step.temporary, step.name);
      step.isDone = true;
    }
  } catch (error) {
    for (const step of steps.filter(({ isDone }) => isDone)) restore(step);
    for (const { temporary } of steps) if (temporary !== undefined) fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/** Writes the new text beside the file, with the file's mode. A link stays one: what it names is replaced. */
function prepared(directory, base, text) {
  const plain = path.join(directory, base);
  const name = fs.existsSync(plain) ? fs.realpathSync(plain) : plain;
  const mode = fs.statSync(name, { throwIfNoEntry: false })?.mode;
  if (text === undefined) return { name: plain, mode };
  const temporary = `${name}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, text, { flag: 'wx' });
  if (mode !== undefined) fs.chmodSync(temporary, mode);
  return { name, temporary, mode };
}

function restore({ name, old, mode }) {
  if (old === undefined) fs.rmSync(name, { force: true });
  else fs.writeFileSync(name, old, { mode });
}

module.exports = { writeAll };
