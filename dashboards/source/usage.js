'use strict';

const { GUARD, stat } = require('./cost');

const TURNS = 'ccxray.provider.distribution_total';
const TOOLS = 'ccxray.tool.invocations_total';
const MCP = 'ccxray.mcp.invocations_total';
const SKILLS = 'ccxray.skill.activations_total';
const AGENTS = 'ccxray.agent_type.invocations_total';
const SUBAGENTS = 'ccxray.subagent.invocations_total';
const SESSIONS = 'ccxray.sessions_total';
const MODES = 'ccxray.permission_mode.usage_total';
const DANGEROUS = 'ccxray.dangerous_tool.invocations_total';
const WRITES = 'ccxray.file_writes_total';
const CONTEXT = 'ccxray.context.utilization_pct';
const COMPACTIONS = 'ccxray.auto_compact.triggered_total';
const PER_TURN = 'ccxray.tools_per_turn';

/** The agent acts without a question: Codex with full access to the machine. */
const FULL_ACCESS = 'mode="full-access"';
const PRIVATE_NAMES = 'Names that no catalog contains are "custom", unless the project sends them.';

/** @param {ReturnType<import('./promql').promql>} q @returns {import('./dashboard').DashboardSpec} */
function usage(q) {
  return {
    uid: 'ccxray-usage',
    title: 'ccxray: usage and governance',
    description: 'What agents use and do: tools, MCP servers, skills, sub-agents, permission modes, dangerous commands, context.',
    rows: [
      { title: 'In this range', panels: summary(q) },
      { title: 'Tools, MCP, skills, agents', panels: names(q) },
      { title: 'Governance', panels: governance(q) },
      { title: 'Context and compactions', panels: context(q) },
    ],
  };
}

function summary(q) {
  const count = (title, description, expr, more) => stat(title, description, 'short', expr, { decimals: 0, noValue: '0', span: 3, ...more });
  return [
    count('Turns', 'Finished model calls of conversations.', q.added(TURNS)),
    count('Sessions', 'Sessions first seen in the range. A session that goes on in another process counts again.', q.added(SESSIONS)),
    count('Tool calls', 'Tool calls made by the model.', q.added(TOOLS)),
    count('MCP calls', 'Calls of MCP servers\' tools.', q.added(MCP)),
    count('Skill activations', 'Skills activated by the model or by the user.', q.added(SKILLS)),
    stat('Sub-agents', 'Turns of sub-agents, divided by all turns.', 'percentunit', `${q.added(SUBAGENTS)} / ${q.added(AGENTS)}`, { span: 3, noValue: '0' }),
    count('Processes now', 'Running processes. A process is no person: one person can run several, and one hub can serve several people.', q.processes()),
    count('Most at once', 'The most processes that ran at the same time in the range.', `max_over_time((${q.processes()})[$__range:15m])`),
  ];
}

function names(q) {
  const bars = (title, description, metric, key) => ({ kind: 'bars', title, description: `${description} ${PRIVATE_NAMES}`, unit: 'short', noValue: '0', span: 8, height: 8, queries: [{ expr: `topk(12, ${q.added(metric, { groups: [key] })})`, legend: `{{${key}}}` }] });
  const perTurn = (quantile) => q.quantileLine(quantile, PER_TURN);
  return [
    bars('Tools', 'Tool calls in the range.', TOOLS, 'tool'),
    bars('Skills', 'Activations in the range.', SKILLS, 'skill'),
    bars('Agent types', 'Turns in the range.', AGENTS, 'type'),
    { kind: 'table', title: 'MCP servers and tools', description: `Calls in the range. ${PRIVATE_NAMES}`, unit: 'short', span: 8, height: 8, columns: [['server', 'Server'], ['tool', 'Tool']], queries: [{ title: 'Calls', expr: q.added(MCP, { groups: ['server', 'tool'] }) }] },
    { kind: 'lines', title: 'Turns in an hour, by provider', description: 'The present rate.', unit: 'short', span: 8, isStacked: true, queries: [{ expr: `${q.rate(TURNS, { groups: ['provider'] })} * 3600`, legend: '{{provider}}' }] },
    { kind: 'lines', title: 'Tool calls in a turn', description: 'Median and 90th percentile.', unit: 'short', span: 8, queries: [{ expr: perTurn(0.5), legend: 'p50' }, { expr: perTurn(0.9), legend: 'p90' }] },
    { kind: 'columns', title: 'Sessions of each day', description: 'Each column is the 24 hours that end at its right edge. Days begin at midnight in the time zone of the dashboard.', unit: 'short', isStacked: true, step: '1d', queries: [{ expr: q.added(SESSIONS, { range: '1d', groups: ['provider'] }), legend: '{{provider}}' }] },
    { kind: 'bars', title: 'Turns by team', description: `Turns in the range. ${GUARD}`, unit: 'short', span: 12, height: 8, queries: [{ expr: q.guarded(q.added(TURNS, { groups: ['team'] }), ['team']), legend: '{{team}}' }] },
  ];
}

function governance(q) {
  return [
    stat('Turns with full access', 'Turns in which the agent may do anything on the machine without a question. Only Codex shows this.', 'short', q.added(MODES, { match: [FULL_ACCESS] }), { decimals: 0, noValue: '0', height: 6, span: 4, thresholds: [[null, 'green'], [1, 'red']] }),
    stat('Dangerous commands', 'Tool calls whose command matches a class of dangerous commands. They may have been harmless, and may have been refused.', 'short', q.added(DANGEROUS), { decimals: 0, noValue: '0', height: 6, span: 4, thresholds: [[null, 'green'], [1, 'orange']] }),
    { kind: 'bars', title: 'Dangerous commands by class', description: 'Matches in the range. Commands themselves are never sent.', unit: 'short', noValue: '0', span: 8, queries: [{ expr: `topk(16, ${q.added(DANGEROUS, { groups: ['pattern'] })})`, legend: '{{pattern}}' }] },
    { kind: 'bars', title: 'Permission modes', description: 'Turns in the range, if the wire shows the mode. Claude shows only its plan mode.', unit: 'short', noValue: '0', span: 8, queries: [{ expr: q.added(MODES, { groups: ['mode'] }), legend: '{{mode}}' }] },
    { kind: 'columns', title: 'Dangerous commands over time', description: 'Matches in each step.', unit: 'short', isStacked: true, noValue: '0', queries: [{ expr: `${q.added(DANGEROUS, { range: '$__interval', groups: ['pattern'] })} > 0`, legend: '{{pattern}}' }] },
    { kind: 'columns', title: 'Permission modes over time', description: 'Turns in each step.', unit: 'short', isStacked: true, queries: [{ expr: `${q.added(MODES, { range: '$__interval', groups: ['mode'] })} > 0`, legend: '{{mode}}' }] },
    { kind: 'bars', title: 'Dangerous commands by team', description: `Matches in the range. ${GUARD}`, unit: 'short', noValue: '0', span: 12, height: 8, queries: [{ expr: q.guarded(q.added(DANGEROUS, { groups: ['team'] }), ['team']), legend: '{{team}}' }] },
    { kind: 'lines', title: 'Files written in an hour', description: 'Files written by edit tools. Files that a shell command writes are not included.', unit: 'short', span: 12, queries: [{ expr: `${q.rate(WRITES)} * 3600`, legend: 'files' }] },
  ];
}

function context(q) {
  const full = `1 - ${q.added(CONTEXT, { part: '_bucket', match: ['le=~"80|80.0"'] })} / ${q.added(CONTEXT, { part: '_count' })}`;
  return [
    { kind: 'lines', title: 'Context window', description: 'How much of the context window main turns filled: median and 90th percentile.', unit: 'percent', span: 8, queries: [{ expr: q.quantileLine(0.5, CONTEXT), legend: 'p50' }, { expr: q.quantileLine(0.9, CONTEXT), legend: 'p90' }] },
    { kind: 'heatmap', title: 'Context window, distribution', description: 'How many turns filled how much of the window.', unit: 'percent', span: 8, queries: [{ expr: q.added(CONTEXT, { range: '$__interval', groups: ['le'], part: '_bucket' }), legend: '{{le}}' }] },
    { kind: 'columns', title: 'Compactions', description: 'Compactions in each step, by what triggered them.', unit: 'short', isStacked: true, span: 8, noValue: '0', queries: [{ expr: `${q.added(COMPACTIONS, { range: '$__interval', groups: ['trigger'] })} > 0`, legend: '{{trigger}}' }] },
    stat('Turns above 80 %', 'Share of main turns that filled more than 80 % of the window. Agents compact at about 83 %.', 'percentunit', full, { decimals: 1, span: 8 }),
    stat('Compactions of a session', 'Compactions in the range, divided by sessions.', 'short', `${q.added(COMPACTIONS)} / ${q.added(SESSIONS)}`, { span: 8, noValue: '0' }),
    stat('Files written', 'Files written by edit tools in the range.', 'short', q.added(WRITES), { decimals: 0, span: 8, noValue: '0' }),
  ];
}

module.exports = { FULL_ACCESS, usage };
