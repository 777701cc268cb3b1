'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { diffOf } = require('./diff');
const { editsOf, inserted, ownLines, removed } = require('./edit');
const { writeAll } = require('./files');
const { FILES, MARK } = require('./places');
const { digest, recordOf, withRecord } = require('./record');
const { SHIM, shimText } = require('./shim');

/** The host cannot be changed: one line for each reason. Nothing was written. */
class ApplyError extends Error {
  constructor(problems) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * @typedef {object} Change
 * @property {string} file path in the host
 * @property {string|undefined} before undefined: the file is new
 * @property {string|undefined} after undefined: the file is removed
 */

/**
 * What has to change in a host, so that it hands its turns to this package. Nothing is written.
 * @param {string} directory of the host
 * @returns {Change[]} empty: it is applied already
 * @throws {ApplyError}
 */
function applied(directory) {
  const texts = textsOf(directory);
  const shim = readText(directory, SHIM);
  if (shim !== undefined) return checkApplied(texts, shim);
  const results = texts.map(({ file, text }) => ({ file, text, ...editsOf(file, text) }));
  refuse(results.flatMap(({ problems }) => problems));
  const changes = results.map(({ file, text, insertions }) => ({ file, before: text, after: inserted(text, insertions) }));
  const newline = texts[0].text.includes('\r\n') ? '\r\n' : '\n';
  return [{ file: SHIM, before: undefined, after: withRecord(shimText(newline), changes) }, ...changes];
}

/**
 * What has to change to take everything back. Nothing is written.
 * @param {string} directory of the host
 * @returns {Change[]} empty: it is not applied
 * @throws {ApplyError} if a file has changed since
 */
function undone(directory) {
  const texts = textsOf(directory);
  const shim = readText(directory, SHIM);
  const record = shim === undefined ? undefined : recordOf(shim);
  if (record === undefined) {
    refuse(texts.filter(({ text }) => ownLines(text).length > 0).map(({ file }) => `${file} has lines that end with "${MARK}", but ${SHIM}, which says what the file was before, is not there. Remove these lines by hand`));
    return [];
  }
  const changes = texts.map(({ file, text }) => ({ file, before: text, after: removed(text) }));
  // A file that is as it was before was not written: somebody has interrupted the writing.
  const isAsRecorded = ({ file, before, after }) => digest(after) === record.files[file]?.before && [record.files[file].after, record.files[file].before].includes(digest(before));
  const changed = [...(record.isUnchanged ? [] : [SHIM]), ...changes.filter((change) => !isAsRecorded(change)).map(({ file }) => file)];
  refuse(changed.map((file) => `${file} has changed since. Take your change back, or remove ${file === SHIM ? 'it' : `the lines that end with "${MARK}"`} by hand`));
  return [...changes.filter(({ before, after }) => before !== after), { file: SHIM, before: shim, after: undefined }];
}

/** Writes changes: all of them or none. */
function write(directory, changes) {
  writeAll(changes.map(({ file, after }) => ({ name: path.join(directory, file), text: after })));
}

/** @returns {string[]} what `applied` would change, as a diff in lines */
function diff(changes) {
  return changes.flatMap(({ file, before, after }) => diffOf(file, before, after, (line) => ownLines(line).length > 0));
}

/** A host that has the shim has every line as well, or it is broken. */
function checkApplied(texts, shim) {
  if (recordOf(shim) === undefined) throw new ApplyError([`${SHIM} is there already, and it is not a file of this package`]);
  const missing = texts.filter(({ file, text }) => {
    const clean = removed(text);
    const { insertions, problems } = editsOf(file, clean);
    return problems.length > 0 || ownLines(inserted(clean, insertions)).join('\n') !== ownLines(text).join('\n');
  });
  refuse(missing.map(({ file }) => `${file} does not have the lines of this version. Run it with --undo first, with the version that wrote ${SHIM} if this one refuses`));
  return [];
}

function textsOf(directory) {
  const texts = FILES.map((file) => ({ file, text: readText(directory, file) }));
  refuse(texts.filter(({ text }) => text === undefined).map(({ file }) => `${file} is not there`));
  return texts;
}

/** Undefined if there is no such file. */
function readText(directory, file) {
  let bytes;
  try {
    bytes = fs.readFileSync(path.join(directory, file));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
  const text = bytes.toString('utf8');
  // Other bytes could not be written back as they are.
  if (!Buffer.from(text).equals(bytes)) throw new ApplyError([`${file} is not UTF-8`]);
  return text;
}

function refuse(problems) {
  if (problems.length > 0) throw new ApplyError(problems);
}

module.exports = { ApplyError, applied, diff, undone, write };
