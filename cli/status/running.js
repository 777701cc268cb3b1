'use strict';

const { table } = require('../table');
const { projectsOf } = require('./severity');

/** Longest text of a foreign file, in characters. */
const MAX_TEXT = 400;
const TRANSITIONS = 3;

/**
 * @param {object[]} snapshots of running processes
 * @param {number} nowMs Unix milliseconds
 * @returns {string[]} each project of each process, the worst state first
 */
function linesOfRunning(snapshots, nowMs) {
  const unreadable = snapshots.filter(({ problem }) => problem !== undefined);
  const problems = unreadable.map(({ file, problem }) => [`  ${short(file)} cannot be read: ${problem}`]);
  const projects = projectsOf(snapshots).map((each) => linesOfProject(each, nowMs));
  const blocks = [...projects, ...problems];
  return blocks.length === 0 ? ['  no process'] : blocks.flatMap((block, at) => [at === 0 ? [] : [''], block].flat());
}

function linesOfProject({ pid, updatedAtMs, version, project }, nowMs) {
  const { project: name, state, reason, cooldownRemainingMs, endpoint, transitions, lastHour, lastDay, exports, cardinality, nextRequest, resolution } = project;
  const facts = [
    ['reason', reason],
    ['next trial', cooldownRemainingMs > 0 ? `in ${seconds(cooldownRemainingMs)}` : undefined],
    ['endpoint', endpoint],
    ['next request', nextRequest && `between ${clock(nextRequest.fromMs)} and ${clock(nextRequest.toMs)} (resolution: ${resolution})`],
    ['exports', `${exports.delivered} delivered, ${exports.failed} failed since the start`],
    ['last hour', recentText(lastHour)],
    ['last 24 hours', recentText(lastDay)],
    ...listOf(transitions).slice(-TRANSITIONS).map((each, at) => [at === 0 ? 'changes' : '', transitionText(each, nowMs)]),
    ['values', listOf(cardinality).map(({ attribute, values, limit }) => `${attribute} ${values}/${limit}`).join(', ')],
    ['version', version],
  ].filter(([, fact]) => fact !== undefined && fact !== '');
  return [
    `  process ${pid}, project ${short(String(name ?? '-'))}: ${short(state)} (${seconds(nowMs - updatedAtMs)} ago)`,
    ...table(facts.map(([what, fact]) => [`    ${what}`, short(String(fact))]), { isWrapped: true }),
  ];
}

/** @returns {string|undefined} such as `60 exports delivered, 1 failed; 40 entries counted, 2 lost (queue_full 2)` */
function recentText(recent) {
  if (typeof recent !== 'object' || recent === null) return undefined;
  const { delivered, failed, dropped, droppedByReason, processed, lost, lostByReason } = recent;
  const exports = [`${amount(delivered, 'export', 'exports')} delivered`, `${failed} failed`, `${dropped} dropped${reasons(droppedByReason)}`];
  return `${exports.join(', ')}; ${amount(processed, 'entry', 'entries')} counted, ${lost} lost${reasons(lostByReason)}`;
}

function amount(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

function reasons(counts) {
  const listed = Object.entries(counts ?? {}).map(([reason, count]) => `${reason} ${count}`);
  return listed.length === 0 ? '' : ` (${listed.join(', ')})`;
}

function transitionText({ atMs, from, to, reason }, nowMs) {
  return `${seconds(nowMs - atMs)} ago: ${from} to ${to}, ${reason}`;
}

/** A time of this machine's day. */
function clock(ms) {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? '?' : `${String(time.getHours()).padStart(2, '0')}:${String(time.getMinutes()).padStart(2, '0')}`;
}

function seconds(milliseconds) {
  const whole = Math.max(0, Math.round(milliseconds / 1000));
  if (whole < 120) return `${whole} s`;
  return whole < 7200 ? `${Math.round(whole / 60)} min` : `${Math.round(whole / 3600)} h`;
}

function listOf(value) {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}

function short(text) {
  return text.slice(0, MAX_TEXT);
}

module.exports = { linesOfRunning };
