'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { plainAttributes } = require('../otlp/messages');
const { readPending } = require('./file');

/**
 * `init` options of a project that exports only when it is told to, with a home of its own.
 * @param {{project: Function, homeWith: Function}} places see `projects` in testkit/scratch
 * @param {object} otel settings of the project in addition to tier 1 and a name
 * @param {object} [own] settings of the user in addition to tier 1
 * @returns {{cwd: string, home: string, env: Record<string, string>}}
 */
function offlineProject({ project, homeWith }, otel, own) {
  const home = homeWith({ tier: 1, ...own });
  const cwd = project({ tier: 1, project: 'shop', interval_seconds: 3600, ...otel });
  return { cwd, home, env: { HOME: home, CCXRAY_HOME: path.join(home, '.ccxray'), CCXRAY_OTEL_TRUST: '1', CCXRAY_OTEL_NOTICE: '0' } };
}

/** @returns {string} the directory of the files that wait */
function pendingDirectory({ env }) {
  return path.join(env.CCXRAY_HOME, 'otel', 'pending');
}

/** @returns {string[]} the paths of the files that wait */
function pendingFiles(init) {
  const directory = pendingDirectory(init);
  if (!fs.existsSync(directory)) return [];
  return fs.readdirSync(directory).filter((name) => name.endsWith('.otlp')).map((name) => path.join(directory, name));
}

/** @returns {string[]} the names of everything in that directory, also of what waits for nobody */
function leftInPending(init) {
  const directory = pendingDirectory(init);
  return fs.existsSync(directory) ? fs.readdirSync(directory) : [];
}

/** @returns {Set<string>} the instance ids of the processes that did not know whether their last request had arrived */
function unclearInstances(init) {
  const unclear = pendingFiles(init).map((file) => readPending(fs.readFileSync(file))).filter(({ header }) => header.sums.may_be_confirmed);
  return new Set(unclear.map(({ requests }) => instanceOf(requests.at(-1))));
}

function instanceOf({ resourceMetrics: [{ resource }] }) {
  return plainAttributes(resource.attributes)['service.instance.id'];
}

module.exports = { leftInPending, offlineProject, pendingDirectory, pendingFiles, unclearInstances };
