'use strict';

/** Characters that nobody sees. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Mn}\p{Me}\u115f\u1160\u3164]/gu;
const BASE64_RUN = /[A-Za-z0-9+/_-]{11,}/g;

/**
 * What a text says to a reader who undoes its spelling: without unseen characters, in plain letters, and decoded.
 * @param {string} text
 * @returns {string[]} in lower case
 */
function readingsOf(text) {
  const plain = text.replaceAll(UNSEEN, '').normalize('NFKD').replaceAll(UNSEEN, '');
  const decoded = [plain, percentDecoded(plain), percentDecoded(percentDecoded(plain))];
  const fromBase64 = (plain.match(BASE64_RUN) ?? []).map((run) => Buffer.from(run, 'base64').toString('latin1'));
  return Array.from(new Set([text, ...decoded, fromBase64.join('\n')]), (reading) => reading.toLowerCase());
}

function percentDecoded(text) {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => Buffer.from(encoded.replaceAll('%', ''), 'hex').toString());
}

module.exports = { readingsOf };
