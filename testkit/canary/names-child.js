'use strict';

/*
 * Records turns with these names, and tries each attribute of the resource with these values:
 *
 *     node names-child.js FILE
 *
 * FILE is JSON: `{turns: {position, name}[], values: string[]}`. The directory, the home and the environment are those of the
 * process. Prints all that the addon returned, as JSON.
 */

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { eventually } = require('../waiting');
const { POSITIONS } = require('./positions');

const ATTRIBUTES = ['deployment.environment.name', 'service.namespace', 'team', 'cloud.region'];
const WITHIN_MS = 30_000;
/** More would not fit into the queue. */
const TURNS_AT_ONCE = 500;

async function main({ turns, values }) {
  const started = addon.init();
  for (const [i, { position, name }] of turns.entries()) {
    if (!addon.record(...POSITIONS[position](name))) throw new Error(`turn ${i} is rejected`);
    if (i % TURNS_AT_ONCE === 0) await settled();
  }
  const { entries } = await settled();
  const preview = addon.preview();
  const delivered = await addon.flush(WITHIN_MS);
  const statusFile = await eventually(() => statusFiles()[0], (text) => text?.includes('"delivered"'), WITHIN_MS);
  const outputs = [started, preview, addon.status(), addon.report(), statusFile];
  await addon.shutdown();
  const resources = [];
  for (let i = 0; i < values.length; i += ATTRIBUTES.length) resources.push(...await withResource(values.slice(i, i + ATTRIBUTES.length)));
  process.stdout.write(JSON.stringify({ entries, delivered, outputs: [...outputs, ...resources], preview }));
}

/** The contents of the status files. They are removed at the end of their processes. */
function statusFiles() {
  const directory = path.join(process.env.CCXRAY_HOME, 'otel');
  return fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => name.endsWith('.json')).map((name) => fs.readFileSync(path.join(directory, name), 'utf8')) : [];
}

function settled() {
  return eventually(() => addon.status(), ({ entries }) => entries.queued === 0, WITHIN_MS);
}

/** Sends these values as attributes of the resource, from a variable. */
async function withResource(values) {
  const pairs = values.map((value, i) => `${ATTRIBUTES[i]}=${encodeURIComponent(value)}`);
  addon.init({ env: { ...process.env, OTEL_RESOURCE_ATTRIBUTES: pairs.join(',') } });
  addon.record(...POSITIONS['a tool']('Bash'));
  if (!await addon.flush(WITHIN_MS)) throw new Error('nothing is delivered');
  const { resource } = JSON.parse(addon.preview()).resourceMetrics[0];
  const outputs = [resource, addon.status()];
  await addon.shutdown();
  return outputs;
}

void main(JSON.parse(fs.readFileSync(process.argv[2], 'utf8')));
