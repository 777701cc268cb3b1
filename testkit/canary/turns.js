'use strict';

const { indexLine } = require('../../demo/traffic/index-line');
const { syntheticDay } = require('../../demo/traffic/day');
const { capturedTurns } = require('../fixtures/default-turns');
const { Markers } = require('./markers');
const { namedTurns } = require('./names');
const { Planter } = require('./planter');

/**
 * The turns of one launch, full of markers. The same arguments give the same turns.
 * @param {object} plan
 * @param {number} plan.seed
 * @param {number} plan.stream see `Markers`
 * @param {'captured'|'synthetic'} plan.source
 * @param {Record<'own'|'other'|'stranger'|'decoy', string>} plan.places directories of projects; a turn of `decoy` never
 *   comes, but prompts mention that directory
 * @returns {{records: Turn[], planted: Map}} a Turn is `{line, parts, project, fate, isTurn}`; `line` and `parts` are the
 *   arguments of `record`
 */
function plantedTurns({ seed, stream, source, places }) {
  const markers = new Markers(stream, seed);
  const records = [];
  const take = (project, { entry, where }) => records.push(recorded({ markers, project, where, entry, places }));
  // First the names that must arrive. Later ones may become `_overflow_`.
  const planter = new Planter(markers, { plantsNames: false });
  namedTurns(planter, (kind, where) => markers.asName(markers.mint(kind, where, true))).forEach((turn) => take('own', turn));
  // In a project without names, a name is content.
  namedTurns(planter, (kind, where) => markers.asName(markers.mint('content', `${where} of another project`))).forEach((turn) => take('other', turn));
  for (const [i, { entry, where }] of SOURCES[source](seed).entries()) {
    const project = { 3: 'other', 7: 'stranger' }[i % 10] ?? 'own';
    const own = new Planter(markers, { sendsNames: project === 'own', isWild: i % 9 === 5 });
    records.push(record({ markers, planter: own, project, where, entry, places }));
  }
  for (let i = 0; i < 4; i += 1) records.push(malformed(markers));
  return { records, planted: markers.planted };
}

/** Plants markers in an entry, in one of the forms in which a host can record it. */
function record({ markers, planter, project, where, entry, places }) {
  if (markers.random.chance(0.4)) return recorded({ markers, project, where, entry: planter.entry(entry, where), places });
  const { req, res } = entry;
  const line = planter.entry(JSON.parse(indexLine(entry)), `${where} line`);
  const parts = { headers: planter.headers(where) };
  if (req !== null && req !== undefined) parts.request = JSON.stringify(planter.part('req', req, where));
  if (res !== null && res !== undefined) parts.response = JSON.stringify(planter.part('res', res, where));
  return recorded({ markers, project, where, entry: line, parts, places });
}

/** An entry with markers, as arguments of `record`. */
function recorded({ markers, project, where, entry, parts = {}, places }) {
  const { random } = markers;
  // An entry's own directory may come from a prompt. Only `parts.cwd` comes from the host.
  if (random.chance(0.3)) entry.cwd = places.decoy;
  const isTurn = counts(entry, parts);
  const bytes = random.chance(0.3) ? Buffer.from : (text) => text;
  const passed = Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, typeof value === 'string' ? bytes(value) : value]));
  if (project !== 'own' || random.chance(0.3)) passed.cwd = places[project];
  const fate = project === 'stranger' ? 'rejected' : 'processed';
  return { line: bytes(JSON.stringify(entry)), parts: passed, project, fate, isTurn, where };
}

function malformed(markers) {
  const where = 'a broken entry';
  const planter = new Planter(markers);
  const line = JSON.stringify({ provider: 'anthropic', title: planter.text(where), [markers.mint('content', where)]: planter.text(where) });
  return { line: line.slice(0, -2), parts: {}, project: 'own', fate: 'malformed', isTurn: false, where };
}

/** Whether an entry is a turn, not a side request, a probe or a connection. Some of these have no model and no message. */
function counts(entry, { request, response }) {
  const req = request === undefined ? entry.req : JSON.parse(request);
  const res = response === undefined ? entry.res : JSON.parse(response);
  const isProbe = entry.imported === true || req?.max_tokens === 1;
  const isEmpty = entry.msgCount === 0 && typeof entry.model !== 'string';
  return !isProbe && !isEmpty && req?.capture !== 'transport-only' && res?.capture !== 'transport-only' && !SIDE_AGENTS.has(entry.agentKey);
}

const SOURCES = {
  // Every second scenario, so that two consecutive seeds have all of them.
  captured: (seed) => capturedTurns()
    .map(({ line }, i) => ({ entry: JSON.parse(line), where: `captured ${i}` }))
    .filter((_, i) => (i + seed) % 2 === 0),
  synthetic: (seed) => Array.from(syntheticDay({ turns: 20, seed }), ({ entry, parts: { request } }, i) => ({
    entry: { ...entry, req: request === undefined ? null : JSON.parse(request) },
    where: `synthetic ${i}`,
  })),
};
const SIDE_AGENTS = new Set(['title-generator', 'name-generator', 'title', 'summarizer', 'web-search']);

module.exports = { plantedTurns };
