'use strict';

const { CommandError, EXIT } = require('./errors');
const { CHINESE, ENGLISH } = require('./language/locale');
const { lineIn } = require('./language/translation');

const YES = { yes: { type: 'boolean', text: 'approve without a question' } };

/**
 * @param {{directory: string, terms: string, changes: string[]}} asks as the addon returns it
 * @returns {string[]} what a project asks for, in lines
 */
function linesOfAsks({ directory, terms, changes }) {
  const changed = changes.length > 0 ? ['Changed since you approved it:', ...indented(changes)] : [];
  return [`The project in ${directory} asks for:`, ...indented(terms.split('\n')), ...changed];
}

/**
 * @param {{directory: string, terms: string, file: string}} approval as the addon returns it
 * @param {'en'|'zh-TW'} [language] in which the user was asked
 * @returns {string[]} what was approved, in lines
 */
function linesOfApproval({ directory, terms, file }, language = ENGLISH) {
  const lines = [`Approved for ${directory}:`, ...indented(terms.split('\n')), `Recorded in ${file}`];
  return lines.map((line) => lineIn(line, language));
}

/**
 * Asks the user to approve something.
 * @param {import('./terminal').Terminal} terminal
 * @param {{yes?: boolean}} values `yes`: the user has approved already
 * @param {string[]} lines what is to be approved
 * @param {'en'|'zh-TW'} [language] in which the user is asked
 * @throws {CommandError} if the user does not approve
 */
async function requireApproval(terminal, { yes }, lines, language = ENGLISH) {
  terminal.err(...lines.map((line) => lineIn(line, language)));
  if (yes) return;
  if (!terminal.isInteractive) throw new CommandError(EXIT.DECLINED, 'Not a terminal, so I cannot ask.', 'Add --yes to approve.');
  const answer = await terminal.ask(lineIn('Approve? [y/N]', language));
  if (!isApproval(answer, language)) throw new CommandError(EXIT.DECLINED, 'Not approved.');
}

/**
 * @param {string} reason why a project does not export, as the addon returns it
 * @returns {CommandError} the same, with the command that approves it as the cure
 */
function notApproved(reason) {
  const [problem, fix] = reason.split(/ (?=To approve: )/);
  return new CommandError(EXIT.UNAPPROVED, problem, fix);
}

/**
 * @param {string} [answer]
 * @param {'en'|'zh-TW'} [language] of the question
 * @returns {boolean} whether the answer is a yes. An empty one is not
 */
function isApproval(answer = '', language = ENGLISH) {
  return /^\s*y(es)?\s*$/i.test(answer) || language === CHINESE && answer.trim() === '是';
}

function indented(lines) {
  return lines.map((line) => `  ${line}`);
}

module.exports = { YES, isApproval, linesOfAsks, linesOfApproval, notApproved, requireApproval };
