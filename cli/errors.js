'use strict';

/**
 * Exit codes. Those of a state are the same for every command. `ABSENT`: another version has this command.
 * `DATA`: foreign data that cannot be used.
 */
const EXIT = { ON: 0, OFF: 1, USAGE: 2, UNAPPROVED: 3, DECLINED: 4, FAILING: 5, ABSENT: 64, DATA: 65 };

/** The codes of errors, for programs that read JSON. A config that cannot be used has `CCXRAY_OTEL_CONFIG`. */
const CODES = {
  [EXIT.OFF]: 'CCXRAY_OTEL_OFF',
  [EXIT.USAGE]: 'CCXRAY_OTEL_USAGE',
  [EXIT.UNAPPROVED]: 'CCXRAY_OTEL_UNAPPROVED',
  [EXIT.DECLINED]: 'CCXRAY_OTEL_DECLINED',
  [EXIT.FAILING]: 'CCXRAY_OTEL_FAILING',
  [EXIT.ABSENT]: 'CCXRAY_OTEL_ABSENT',
  [EXIT.DATA]: 'CCXRAY_OTEL_DATA',
};

/** A command that cannot do its work. */
class CommandError extends Error {
  /**
   * @param {number} exitCode one of `EXIT`
   * @param {string} problem what happened
   * @param {string} [fix] what to do about it
   */
  constructor(exitCode, problem, fix) {
    super(fix === undefined ? problem : `${problem} ${fix}`);
    this.problem = problem;
    this.exitCode = exitCode;
    this.code = CODES[exitCode];
    this.fix = fix;
  }
}

/** A command line that is wrong, with the command that prints the help. */
class UsageError extends CommandError {
  constructor(problem, help) {
    super(EXIT.USAGE, problem, `See: ${help}`);
  }
}

/** @returns {boolean} whether the error is one for the user. Anything else is a defect */
function isExpected(error) {
  return error instanceof CommandError || error.syscall !== undefined || Boolean(error.code?.startsWith?.('CCXRAY_OTEL_'));
}

/** @returns {object} the error for programs, as the value of `error` */
function errorObject({ code, file, line, column, field, message, fix }) {
  return { code, file, line, column, field, message, fix };
}

module.exports = { EXIT, CommandError, UsageError, errorObject, isExpected };
