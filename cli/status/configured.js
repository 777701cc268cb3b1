'use strict';

const { table } = require('../table');
const { tierText } = require('./tier');

const AGENT = 'cli_otel_active';
const OPT_IN = 'opt_in_acknowledged_at';

/**
 * @param {object} status as the addon returns it
 * @param {Record<string, string|undefined>} env of the user
 * @param {{category: string, kinds: number}[]} replaced the unknown names of the last day, by category
 * @param {string} program how the user runs the command that reports them
 * @returns {string[]} what the config and the environment say, in lines
 */
function linesOfConfigured(status, env, replaced, program) {
  const { tier, decidedBy, trust, approved, asks, endpoint, settings, version, state, reason } = status;
  const setting = (name) => settings.find((each) => each.name === name);
  const sourced = (name) => setting(name) && `${setting(name).value} (${setting(name).source})`;
  const waits = asks !== undefined && state === 'disabled';
  const facts = [
    ['state', waits ? 'off because you have not approved it yet' : state],
    ['reason', waits ? undefined : reason],
    ['tier', `${tierText(tier)} (${decidedBy})`],
    ['consent', waits ? 'not approved' : consentText(trust)],
    ['approved', approved?.at],
    ...(approved?.terms ?? '').split('\n').filter(Boolean).map((line) => ['', line]),
    ['first tier 2', sourced(OPT_IN)],
    ['endpoint', endpoint],
    ['protocol', sourced('protocol')],
    ['temporality', sourced('temporality')],
    ['resolution', sourced('resolution')],
    ['replaced', replacedText(replaced, program)],
    ['complement', setting(AGENT) && `the agent's own telemetry is on, too (${setting(AGENT).source}). docs/semconv.md says how not to count twice`],
    ['other export', otherExporter(env)],
    ['version', version],
  ].filter(([, fact]) => fact !== undefined);
  return table(facts.map(([what, fact]) => [`  ${what}`, fact]), { isWrapped: true });
}

/** An exemption is not something that the user has said. */
function consentText(trust) {
  return trust?.startsWith('anonymous numbers') ? `not needed: ${trust}` : trust;
}

/** The names that were replaced, because no catalog and no `known_names` contains them. */
function replacedText(replaced, program) {
  if (replaced.length === 0) return undefined;
  return `unknown names of the last 24 hours: ${replaced.map(({ category, kinds }) => `${category} ${kinds}`).join(', ')}. To see them: ${program}`;
}

/** The variables of ccxray's own exporter, without their values. */
function otherExporter(env) {
  const names = Object.keys(env).filter((name) => name.startsWith('CCXRAY_EXPORT_') && !/^(|0|false|no|off)$/i.test(env[name] ?? ''));
  names.sort();
  return names.length === 0 ? undefined : `ccxray itself exports, too (${names.join(', ')})`;
}

module.exports = { linesOfConfigured };
