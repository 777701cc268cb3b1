'use strict';

const { parsed } = require('./record');

const NAME = 'x-codex-turn-metadata';
/** The longest metadata that are read, in characters. */
const LIMIT = 16_384;

/**
 * What Codex says about a turn in `client_metadata` of the request, or in the header of that name. The header of a socket belongs to the
 * whole connection: who talks there is true for all its turns, what the first one is about is not.
 * @param {*} req
 * @param {Record<string, string>} headers of the request, with names in lower case
 * @param {boolean} isSocket
 * @returns {object} empty if it says nothing
 */
function turnMetadata(req, headers, isSocket) {
  const told = objectIn(req?.client_metadata?.[NAME]);
  if (told !== undefined) return told;
  const header = objectIn(headers[NAME]) ?? {};
  return isSocket ? { thread_source: header.thread_source, subagent_kind: header.subagent_kind } : header;
}

function objectIn(value) {
  const object = typeof value === 'string' ? (value.length <= LIMIT ? parsed(value) : undefined) : value;
  return object !== null && typeof object === 'object' && !Array.isArray(object) ? object : undefined;
}

module.exports = { turnMetadata };
