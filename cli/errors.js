'use strict';

/** Exit codes. `USAGE` is also that of a missing confirmation. `FAILING`: telemetry is on, and the backend does not take it. `ABSENT`: another version has this command. */
const EXIT = { OK: 0, OFF: 1, UNUSABLE: 1, USAGE: 2, UNAPPROVED: 3, WAITING: 3, FAILING: 5, ABSENT: 64, DATA: 65 };

/** A command that cannot do its work: the message, and the exit code. */
class CommandError extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A command line that is wrong, with the command that prints the help. */
class UsageError extends CommandError {
  constructor(message, help) {
    super(EXIT.USAGE, `${message} See: ${help}`);
  }
}

module.exports = { EXIT, CommandError, UsageError };
