'use strict';

const { OPTIONS, checkOptions } = require('./options');
const { runDemo } = require('./run');

const text = 'look at it: a live page on this machine, with a synthetic day or your own logs. Nothing is sent elsewhere';

const exitCodes = [['0', 'the work is done, or you ended the page'], ['1', 'something failed'], ['2', 'wrong usage'], ['4', 'you declined, or there is no terminal to ask on']];

/** The working directory is the project, so there is nothing else to name. */
function run(context) {
  return runDemo(checkOptions(context.values, context.help), context);
}

module.exports = { text, options: OPTIONS, exitCodes, run };
