'use strict';

/** The streams that are prepared already: a program can run several commands. */
const prepared = new WeakSet();

/**
 * A reader that stops early, such as `head`, is not a failure.
 * @param {NodeJS.EventEmitter[]} streams
 */
function allowClosedReaders(streams) {
  for (const stream of streams.filter((each) => !prepared.has(each))) {
    prepared.add(stream);
    stream.on?.('error', (error) => { if (error.code !== 'EPIPE') throw error; });
  }
}

module.exports = { allowClosedReaders };
