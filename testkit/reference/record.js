'use strict';

/**
 * Reads what a host records: a whole entry, or an index line with parts.
 * @param {{line: string, parts?: {response?: string, request?: string, headers?: object, requestHeaders?: object}}} record
 * @returns {{entry: object, res?: *, req?: *, headers: object, requestHeaders: object, broken: string[]}|undefined} `requestHeaders` have
 *   lower-case names and one value each; `broken` are the parts that should be JSON but are not; undefined if the line itself is not a
 *   JSON object
 */
function readRecord({ line, parts = {} }) {
  const entry = parsed(line);
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return undefined;
  const broken = [];
  return {
    entry,
    res: parts.response === undefined ? (entry.res ?? undefined) : responsePart(parts.response, broken),
    req: parts.request === undefined ? (entry.req ?? undefined) : requestPart(parts.request, broken),
    headers: parts.headers ?? {},
    requestHeaders: singleHeaders(parts.requestHeaders ?? {}),
    broken,
  };
}

/** The host stores any body, so a page of HTML is not an error. An incomplete JSON text is one. */
function responsePart(text, broken) {
  const value = parsed(text);
  if (value === undefined && /^\s*[[{]/.test(text)) broken.push('response');
  return value ?? text;
}

function requestPart(text, broken) {
  const value = parsed(text);
  if (value === undefined) broken.push('request');
  return value;
}

function singleHeaders(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat()[0]]));
}

/** @returns {*} the value of a JSON text; undefined for any other text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

module.exports = { readRecord, parsed };
