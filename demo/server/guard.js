'use strict';

const { createHash, timingSafeEqual } = require('node:crypto');

/** What every answer has. The page has no inline script or style, and loads nothing from elsewhere. */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

/**
 * Why a request is refused. A page of another site can make a browser send requests to this machine, and can give its own
 * host name this machine's address (DNS rebinding). Such a request has another `Host` or `Origin`.
 * @param {{host?: string, origin?: string, 'sec-fetch-site'?: string}} headers
 * @param {number} port of this server
 * @returns {string|undefined} undefined if it may pass
 */
function refusal({ host, origin, 'sec-fetch-site': site }, port) {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!own.includes(host)) return 'This address is served only as 127.0.0.1.';
  if (origin !== undefined && origin !== `http://${host}`) return 'Requests of other sites are refused.';
  if (site === 'cross-site') return 'Links of other sites are refused. Copy the address from the terminal.';
  return undefined;
}

/**
 * Whether a request comes from a browser. An exporter sends neither of these headers.
 * @param {{origin?: string, 'sec-fetch-site'?: string}} headers
 */
function isFromBrowser({ origin, 'sec-fetch-site': site }) {
  return origin !== undefined || site !== undefined;
}

/** Compares two secrets in a time that does not depend on where they differ. */
function isSameSecret(given, secret) {
  const [one, other] = [given, secret].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one, other);
}

module.exports = { SECURITY_HEADERS, isFromBrowser, isSameSecret, refusal };
