'use strict';

const { EXIT } = require('../errors');
const { styled } = require('../style');
const { wrap } = require('../wrap');
const { isFailing, projectsOf } = require('./severity');
const { tierText } = require('./tier');

/**
 * What matters most, in one sentence, and the exit code that says the same.
 * @param {object} status as the addon returns it
 * @param {object[]} snapshots of running processes
 * @returns {{exitCode: number, lines: import('../style').Styled[]}}
 */
function headline(status, snapshots) {
  const { state, reason, tier, asks } = status;
  const waits = asks !== undefined && state === 'disabled';
  const [worst] = projectsOf(snapshots);
  if (worst !== undefined && isFailing(worst.project)) {
    const exitCode = waits ? EXIT.UNAPPROVED : state === 'active' ? EXIT.FAILING : EXIT.OFF;
    return { exitCode, lines: painted('red', `Exports fail in process ${worst.pid}: ${worst.project.reason ?? worst.project.state}`) };
  }
  if (waits) return { exitCode: EXIT.UNAPPROVED, lines: painted('yellow', `Telemetry is off because you have not approved it yet.${ofRunning(worst)}`) };
  if (state === 'disabled') return { exitCode: EXIT.OFF, lines: painted('yellow', reason) };
  if (state === 'degraded') return { exitCode: EXIT.OFF, lines: painted('red', reason) };
  return { exitCode: EXIT.ON, lines: painted('green', `Telemetry is on (tier ${tierText(tier)}).${worst === undefined ? ' No process is running: start ccxray.' : ''}`) };
}

/** What a process still does that was started before the config changed. */
function ofRunning(worst) {
  return worst === undefined || worst.project.state === 'disabled' ? '' : ` Process ${worst.pid} was started before, and exports until it ends.`;
}

function painted(style, text) {
  return wrap(text).map((line) => styled(style, line));
}

module.exports = { headline };
