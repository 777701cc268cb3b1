'use strict';

const { plainAttributes } = require('../otlp/messages');
const { markersIn } = require('./markers');

/**
 * The markers that a text must not contain.
 * @param {string|Buffer} text
 * @param {Map<string, {kind: string, where: string}>} planted
 * @param {Set<string>} allowed kinds of markers that it may contain
 * @returns {{marker: string, kind: string, planted: string, around: string}[]}
 */
function leaksIn(text, planted, allowed = new Set()) {
  return markersIn(text).flatMap(({ marker, around }) => {
    // A piece of a marker is not a planted marker, and is never allowed.
    const { kind = 'piece', where = '?' } = planted.get(marker) ?? {};
    return allowed.has(kind) ? [] : [{ marker, kind, planted: where, around }];
  });
}

/**
 * The markers that the drift log must not contain. A line may contain an unknown name if it looks like a name, but nothing
 * of a project that is not approved.
 * @param {string} text
 * @param {Map<string, {isName: boolean}>} planted
 * @param {Set<string>} withheld markers of projects that are not approved
 * @returns {{marker: string, kind: string, planted: string, around: string}[]}
 */
function leaksInDriftLog(text, planted, withheld) {
  const lines = text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  const tokens = lines.map(({ token }) => token).join('\n');
  const besideTokens = lines.map((line) => JSON.stringify({ ...line, token: '' })).join('\n');
  const isAllowed = (marker) => planted.get(marker)?.isName && !withheld.has(marker);
  return [...leaksIn(tokens, planted).filter(({ marker }) => !isAllowed(marker)), ...leaksIn(besideTokens, planted)];
}

/**
 * The markers in a request that are in the wrong place, whether they may be sent or not.
 * @param {object} json OTLP/JSON
 * @param {Map<string, {kind: string}>} planted
 * @returns {{marker: string, kind: string, place: string}[]}
 */
function misplacedIn(json, planted) {
  return Array.from(stringsOf(json, ''), ([place, text]) => markersIn(text).map(({ marker }) => ({ marker, kind: planted.get(marker)?.kind, place })))
    .flat()
    .filter(({ kind, place }) => !PLACES[kind]?.test(place));
}

/** Every string of a request with its place: `METRIC/KEY` or `resource/KEY` for the value of an attribute. */
function* stringsOf(value, place) {
  if (typeof value === 'string') yield [place, value];
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) {
    if (key === 'attributes') {
      const within = place.endsWith('resource') ? 'resource' : place;
      for (const [name, text] of Object.entries(plainAttributes(child))) {
        yield [`${within}/${name}`, String(text)];
        yield [`the keys of ${within}`, name];
      }
    } else {
      yield* stringsOf(child, nameOf(child) ?? `${place}.${key}`);
    }
  }
}

/** Within a metric, the place begins with the name of the metric. */
function nameOf(value) {
  return value?.sum || value?.gauge || value?.histogram ? value.name : undefined;
}

/** The right places of each kind that may be sent. */
const PLACES = {
  identity: /^resource\/enduser\.id$/,
  variable: /^resource\/deployment\.environment\.name$/,
  tool: /^ccxray\.(tool|mcp)\.invocations_total[^/]*\/tool$/,
  mcpTool: /^ccxray\.(tool|mcp)\.invocations_total[^/]*\/tool$/,
  server: /^(ccxray\.mcp\.invocations_total[^/]*\/server|ccxray\.tool\.invocations_total[^/]*\/tool)$/,
  skill: /^ccxray\.skill\.activations_total[^/]*\/skill$/,
  agent: /^ccxray\.agent_type\.invocations_total[^/]*\/type$/,
  model: /^ccxray\.[^/]+\/model$/,
};

module.exports = { leaksIn, leaksInDriftLog, misplacedIn };
