'use strict';

const addon = require('../../../..');

/**
 * The addon, given another request than the one of the turn.
 * @param {(request: object) => object} change makes it of the excerpt
 * @returns {object} in place of the addon
 */
function withRequests(change) {
  const record = (line, parts) => {
    const { request, response, headers, requestHeaders, cwd, launch } = parts;
    const other = request === undefined ? undefined : JSON.stringify(change(JSON.parse(request)));
    return addon.record(line, { request: other, response, headers, requestHeaders, cwd, launch });
  };
  return { ...addon, record };
}

module.exports = { withRequests };
