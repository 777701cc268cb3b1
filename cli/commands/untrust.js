'use strict';

const { snapshotsIn } = require('../status/snapshots');
const { wrap } = require('../wrap');

const text = 'revoke your approval. A running process keeps it until it ends';
const options = {};

function run({ terminal, values, place, addon }) {
  const isRevoked = addon().untrust(place.cwd, place);
  const { stillOn, running } = whatIsLeft(place, addon);
  if (values.json) return terminal.json({ directory: place.cwd, revoked: isRevoked, stillOn, running });
  return terminal.out(
    `${isRevoked ? 'Approval revoked' : 'No approval to revoke'}: ${place.cwd}`,
    ...(stillOn === undefined ? [] : wrap(`Telemetry is still on, because it needs no approval: ${stillOn}. To turn it off: "tier": 0 in your .ccxray.user.json, or CCXRAY_OTEL_TIER=0`)),
    ...(running.length === 0 ? [] : wrap(`Running processes keep what they were started with until they end: ${running.join(', ')}`)),
  );
}

/** Why the project may still export, and which processes export anything. */
function whatIsLeft(place, addon) {
  let status;
  try {
    status = addon().inspect(place);
  } catch (error) {
    // The config may be broken, or its directory gone. The approval is revoked all the same.
    if (!error.code?.startsWith?.('CCXRAY_OTEL_')) throw error;
    return { running: [] };
  }
  const exporting = snapshotsIn(status.files.directory).filter(({ projects = [] }) => projects.some(({ state }) => state !== 'disabled'));
  return { stillOn: status.state === 'disabled' ? undefined : status.trust, running: exporting.map(({ pid }) => pid) };
}

module.exports = { text, options, takesMissingDirectory: true, run };
