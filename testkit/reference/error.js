'use strict';

const catalog = require('./catalog');

/** Words of gateways for "no type". */
const NO_TYPE = new Set(['', 'none', 'null', 'error']);

/**
 * The error that ended a call. Several errors of one call are one; the first known type counts.
 * @param {object} entry
 * @param {*} res
 * @param {object[]|undefined} events
 * @returns {{type: string, unknown?: string}|undefined} the exported type, and the reported one if no catalog has it
 */
function errorOf(entry, res, events) {
  const told = events === undefined ? bodyErrors(entry, res) : events.filter(isError);
  if (told.length === 0 && !(entry.status >= 400)) return undefined;
  const errors = told.map(detailsOf);
  const { types, numbers } = errors.find((error) => error.types.some(catalog.isErrorType)) ?? errors[0] ?? { types: [], numbers: [] };
  // The status of the answer counts before a number in it.
  const status = [entry.status, ...numbers].find((number) => number >= 400);
  const type = catalog.errorType(types, status);
  if (type !== 'other') return { type };
  // A status that is not just "failed" says more than a word that no catalog has.
  return { type: isTelling(status) ? `http_${status}` : type, unknown: types[0] };
}

function isTelling(status) {
  return status === 429 || (status > 500 && status < 600);
}

/** @returns {boolean} whether an event of a stream is an error. Some gateways send one without a type */
function isError({ type, error }) {
  return type === 'error' || type === 'response.failed' || (type === undefined && isReported(error));
}

/** A body without an `error` is one only if its status is an error. Then only a known name in it is its type. */
function bodyErrors({ status }, res) {
  if (isReported(res?.error)) return [{ error: res.error }];
  if (!(status >= 400) || res === null || typeof res !== 'object') return [];
  return [{ error: Object.fromEntries(['type', 'code'].map((key) => [key, res[key]]).filter(([, word]) => catalog.isErrorType(word))) }];
}

function detailsOf(event) {
  const error = event.error ?? event.response?.error;
  const details = error !== null && typeof error === 'object' ? error : { code: event.code };
  return { types: [details.type, details.code].filter(isType), numbers: [numberOf(details), event.status_code] };
}

/** The HTTP status that an error reports as its code or as its type. */
function numberOf({ type, code }) {
  return [code, type].filter((value) => /^[1-5]\d\d$/.test(String(value))).map(Number)[0];
}

function isType(word) {
  return typeof word === 'string' && !NO_TYPE.has(word.trim().toLowerCase()) && !/^\d+$/.test(word);
}

function isReported(error) {
  return error !== undefined && error !== null && error !== false && error !== '';
}

module.exports = { errorOf, isError };
