'use strict';

const { EXIT } = require('./errors');

/** The streams that are prepared already: a program can run several commands. */
const prepared = new WeakSet();

/**
 * Makes an output that cannot be written an ordinary failure. A reader that stops early, such as `head`, is none.
 * @param {{stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream}} streams
 */
function guardOutput({ stdout, stderr }) {
  for (const stream of [stdout, stderr].filter((each) => !prepared.has(each))) {
    prepared.add(stream);
    let isReported = false;
    stream.on?.('error', (error) => {
      if (error.code === 'EPIPE' || isReported) return;
      isReported = true;
      // The command goes on until its end, which sets another exit code.
      process.once('exit', () => { process.exitCode = EXIT.OFF; });
      if (stream !== stderr) stderr.write(`The output cannot be written (${error.code ?? error.message}). Is the disk full?\n`);
    });
  }
}

module.exports = { guardOutput };
