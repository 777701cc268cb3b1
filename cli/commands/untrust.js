'use strict';

const text = 'revoke your approval';
const options = {};

function run({ terminal, values, place, addon }) {
  const isRevoked = addon().untrust(place.cwd, place);
  if (values.json) terminal.json({ directory: place.cwd, revoked: isRevoked });
  else terminal.out(`${isRevoked ? 'Approval revoked' : 'No approval to revoke'}: ${place.cwd}`);
}

module.exports = { text, options, takesMissingDirectory: true, run };
