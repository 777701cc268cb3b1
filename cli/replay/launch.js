'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { CommandError, EXIT } = require('../errors');

/** No export is due while history is sent. The longest interval that can be set. */
const INTERVAL_MS = '3600000';

/**
 * Runs `work` with the options of a launch that sends to `endpoint` and nowhere else: an empty directory stands for the
 * project and the home, so that no config file of another endpoint counts. The user's own tier and the variables that turn
 * telemetry off do count.
 * @param {object} addon
 * @param {{env: Record<string, string|undefined>}} place
 * @param {{endpoint: string, project?: string, team?: string}} target
 * @param {(launch: {options: object, status: object}) => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {CommandError} if telemetry is off, or the endpoint cannot be used
 * @template T
 */
async function withLaunch(addon, { env }, { endpoint, project, team }, work) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-replay-'));
  try {
    // The search for config files ends at the root of a repository.
    fs.mkdirSync(path.join(scratch, '.git'));
    const variables = {
      ...env,
      CCXRAY_OTEL_TIER: env.CCXRAY_OTEL_TIER || '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: undefined,
      OTEL_METRIC_EXPORT_INTERVAL: INTERVAL_MS,
      // History has the times of whole days, and is sent when the user asks for it.
      CCXRAY_OTEL_RESOLUTION: 'minute',
      OTEL_RESOURCE_ATTRIBUTES: attributes(env.OTEL_RESOURCE_ATTRIBUTES, { 'project.name': project, team }),
    };
    const tier = allowedTier(addon.inspect({ cwd: scratch, env: variables }));
    const options = { cwd: scratch, home: scratch, env: { ...variables, CCXRAY_OTEL_TIER: String(tier), CCXRAY_HOME: path.join(scratch, '.ccxray') } };
    const status = addon.inspect(options);
    if (status.state !== 'active') throw new CommandError(EXIT.OFF, status.reason);
    return await work({ options, status });
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** The tier that the user's own file and this launch allow. */
function allowedTier({ state, tier, reason }) {
  if (state === 'disabled' || tier === 0) throw new CommandError(EXIT.OFF, reason);
  return tier;
}

/** The value of OTEL_RESOURCE_ATTRIBUTES with more attributes, which count before those that are set. */
function attributes(set, more) {
  const pairs = Object.entries(more).filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return [...pairs, ...set ? [set] : []].join(',') || undefined;
}

module.exports = { withLaunch };
