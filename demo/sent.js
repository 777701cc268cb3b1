'use strict';

const replayCommand = require('../cli/commands/replay');
const { EXIT } = require('../cli/errors');
const { count } = require('../cli/preview/lines');
const { openSource, replayAll, start } = require('./once');
const { entriesLine, isComplete } = require('./outcome');
const { withScratch } = require('./scratch');
const { head } = require('./table');

const SHUTDOWN_MS = 2000;
const HEAD_LINES = 25;

/**
 * Sends turns to a real backend. The user's own history goes out as `replay` sends it: with a question, and dated.
 * @param {import('./options').DemoOptions} options
 * @param {object} context that of a command, see `cli/commands`
 * @returns {Promise<number|void>} exit code if it is not 0
 */
function runSent(options, context) {
  const { logs, endpoint, yes, json } = options;
  return logs === undefined ? sendSynthetic(options, context) : replayCommand.run({ ...context, operand: logs, values: { endpoint, yes, json } });
}

function sendSynthetic(options, { terminal, addon: load, place: { env } }) {
  const addon = load();
  const source = openSource(options);
  return withScratch(async (home) => {
    try {
      start(addon, home, { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: options.endpoint, OTEL_RESOURCE_ATTRIBUTES: 'project.name=ccxray-demo', ...ownSettings(env) });
      const outcome = await replayAll(source, addon, terminal);
      const { endpoint, exports: { attempted, delivered, failed, lastError } } = outcome.status;
      terminal.out('next request as OTLP/JSON', ...head(JSON.parse(outcome.preview), HEAD_LINES).split('\n'), '');
      terminal.out(`sent to ${endpoint ?? options.endpoint}: ${count(attempted, 'export')}, ${delivered} delivered, ${failed} failed${lastError === undefined ? '' : ` (${lastError})`}`);
      terminal.out(entriesLine(outcome.status));
      return isComplete(outcome, { isStrict: false }) ? EXIT.ON : EXIT.OFF;
    } finally {
      await addon.shutdown(SHUTDOWN_MS);
    }
  });
}

/** What counts of the user's environment: the key of the backend, and what turns telemetry off. */
function ownSettings(env) {
  const names = ['OTEL_EXPORTER_OTLP_HEADERS', 'DO_NOT_TRACK', 'OTEL_SDK_DISABLED', 'OTEL_METRICS_EXPORTER'];
  return Object.fromEntries(names.filter((name) => env[name] !== undefined).map((name) => [name, env[name]]));
}

module.exports = { runSent };
