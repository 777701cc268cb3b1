'use strict';

const text = 'revoke your approval';
const options = {};

function run({ terminal, place, addon }) {
  const isRevoked = addon().untrust(place.cwd, place);
  terminal.out(`${isRevoked ? 'Approval revoked' : 'No approval to revoke'}: ${place.cwd}`);
}

module.exports = { text, options, takesMissingDirectory: true, run };
