'use strict';

const EXIT = { FINE: 0, UNUSABLE: 1, WRONG: 2, WAITING: 3 };
const EXIT_CODES = 'Exit codes: 0 all is well, 1 the config cannot be used, 2 wrong usage or something has to be granted, 3 the config waits for trust';

/** A command that ends without what was wanted: the message, and the exit code. */
class Refusal extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A command line that cannot be understood, and where to read more: at a command's help, or at that of all. */
class Misuse extends Refusal {
  constructor(message, command) {
    super(EXIT.WRONG, `${message}; see: ccxray-otel ${command ? `${command} ` : ''}--help`);
  }
}

module.exports = { EXIT, EXIT_CODES, Refusal, Misuse };
