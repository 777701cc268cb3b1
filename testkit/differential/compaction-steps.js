'use strict';

/**
 * How a main conversation continues, in steps of one turn each:
 *
 *     plain     it grows
 *     ask       the request asks for a summary
 *     summary   a side request asks for a summary
 *     continue  it continues from a summary
 *     drop      it is suddenly short, without a sign of a summary
 *     rewind    the user went back a few messages
 *     fail      the upstream fails
 *
 * A step may be `manual`: by the user's command.
 */
const WAYS = [
  [['ask', 'continue'], 6],
  [['ask', 'fail', 'continue'], 2],
  [['fail', 'ask', 'drop'], 1],
  [['ask', 'ask', 'continue'], 1],
  [['ask', 'plain', 'plain', 'continue'], 1],
  [['ask', 'plain', 'drop'], 1],
  [['summary', 'continue'], 5],
  [['summary', 'drop'], 2],
  [['summary', 'summary', 'continue', 'plain', 'drop'], 1],
  [['continue'], 3],
  [['drop'], 3],
  [['drop', 'continue'], 1],
  [['rewind'], 2],
  [['ask', 'manual continue'], 4],
  [['ask', 'manual plain'], 1],
  [['ask', 'manual drop'], 1],
  [['manual ask', 'continue'], 2],
  [['manual ask', 'fail', 'plain', 'drop'], 1],
  [['manual continue'], 2],
  [['manual drop'], 1],
];

/**
 * @param {import('../traffic/random').Random} random
 * @param {number} fill the share of the window that is used
 * @returns {{name: string, isManual: boolean}[]} the next steps
 */
function nextSteps(random, fill) {
  const way = random.chance(fill > 0.8 ? 0.5 : 0.04) ? random.weighted(WAYS) : ['plain'];
  return way.map((step) => ({ name: step.replace('manual ', ''), isManual: step.startsWith('manual ') }));
}

module.exports = { nextSteps };
