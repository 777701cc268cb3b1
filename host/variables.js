'use strict';

const crypto = require('node:crypto');

/*
 * What a client says about its environment, so that a hub can count the client's turns by it. Variables that are settings of
 * this package are told with their values. Any other variable can be a secret: of it, only a short keyed digest is told. With
 * it, the hub finds out whether its own variable of that name has the same value. Nobody can find the value with it, because
 * many values have the same digest.
 */

/** Variables that are told as they are. */
const TOLD = new Set([
  'CCXRAY_HOME',
  'CCXRAY_OTEL_IDENTITY',
  'CCXRAY_OTEL_RESOLUTION',
  'CCXRAY_OTEL_TIER',
  'CCXRAY_OTEL_TRUST',
  'DO_NOT_TRACK',
  'HOME',
  'OTEL_SDK_DISABLED',
  'USERPROFILE',
]);
/** The variables of one launch that turn telemetry off. */
const VETOES = new Set(['DO_NOT_TRACK', 'OTEL_SDK_DISABLED']);
/** Settings with simple values. Another value may have got there by mistake, so it is not told. */
const SETTINGS = new Set([
  'CLAUDE_CODE_ENABLE_TELEMETRY',
  'COPILOT_OTEL_ENABLED',
  'GEMINI_TELEMETRY_ENABLED',
  'GROK_EXTERNAL_OTEL',
  'OTEL_EXPORTER_OTLP_COMPRESSION',
  'OTEL_EXPORTER_OTLP_METRICS_COMPRESSION',
  'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
  'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
  'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
  'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_METRICS_EXPORTER',
  'OTEL_METRIC_EXPORT_INTERVAL',
  'OTEL_METRIC_EXPORT_TIMEOUT',
  'QWEN_TELEMETRY_ENABLED',
]);
const SIMPLE = /^([a-z0-9/]{1,16}|(explicit|base2_exponential)_bucket_histogram|(none|otlp|console|prometheus)(,(none|otlp|console|prometheus)){1,3})$/i;
/** A list of exporters that selects none. */
const NO_EXPORTER = /(^|,)\s*none\s*(,|$)/i;
const ENDPOINTS = new Set(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']);
/** A URL without user, query and fragment, and with a path of short words. A long word can be a secret. */
const PLAIN_URL = /^https?:\/\/[a-z0-9.:[\]-]{1,253}(\/[a-z0-9_.-]{0,16}){0,8}$/i;
/** Longest value and name that are told. A longer one is told as a digest, or not at all. */
const MAX_VALUE = 4096;
const MAX_NAME = 128;
/** The most that all names may take, in characters. Further variables are not told: the hub takes them for not set. */
const MAX_NAMES = 24_000;
const SALT_BYTES = 16;
/** As many bits as make two values differ, and as few as make a digest useless for finding a value. */
const DIGEST_BYTES = 5;

/**
 * @param {Record<string, string|undefined>} env
 * @returns {{variables: Record<string, string>, salt: string, digests: Record<string, string>}} what a client tells
 */
function describe(env) {
  const [variables, digests] = [{}, {}];
  const salt = crypto.randomBytes(SALT_BYTES).toString('base64url');
  let length = 0;
  for (const name of namesIn(env)) {
    const value = env[name];
    if (isTold(name, value)) {
      variables[name] = value;
      continue;
    }
    length += name.length;
    if (length <= MAX_NAMES) digests[name] = digest(salt, name, value);
  }
  return { variables, salt, digests };
}

/**
 * The environment of a client, as far as this process knows it.
 *
 * @param {ReturnType<typeof describe>} told
 * @param {Record<string, string|undefined>} own the environment of this process
 * @returns {{env: Record<string, string>, withheld: string[]}} `withheld`: names of variables that have values this process
 *   does not know
 */
function environmentOf({ variables, salt, digests }, own) {
  const env = { ...variables };
  const withheld = [];
  for (const [name, told] of Object.entries(digests)) {
    const value = own[name];
    if (value && digest(salt, name, value) === told) env[name] = value;
    else withheld.push(name);
  }
  return { env, withheld };
}

/**
 * The environment of a hub, without what the launch that started it has chosen for itself. What turns telemetry off stays.
 *
 * @param {Record<string, string|undefined>} env
 * @returns {Record<string, string>}
 */
function withoutChoices(env) {
  const isChoice = (name) => (name.startsWith('CCXRAY_OTEL_') || isOfOpenTelemetry(name) || SETTINGS.has(name)) && !isVeto(name, env[name]);
  const kept = Object.entries(env).filter(([name, value]) => value !== undefined && !isChoice(name));
  return Object.fromEntries(kept);
}

/** Whether a variable turns telemetry off, or may. */
function isVeto(name, value) {
  return VETOES.has(name) || (name === 'CCXRAY_OTEL_TIER' && value.trim() === '0') || (name === 'OTEL_METRICS_EXPORTER' && NO_EXPORTER.test(value));
}

/** All that are set, those of OpenTelemetry first. */
function namesIn(env) {
  const names = Object.keys(env).filter((name) => name.length <= MAX_NAME && env[name]);
  return [...names.filter(isOfOpenTelemetry), ...names.filter((name) => !isOfOpenTelemetry(name))];
}

function isOfOpenTelemetry(name) {
  return name.startsWith('OTEL_');
}

function isTold(name, value) {
  if (value.length > MAX_VALUE) return false;
  return TOLD.has(name) || (SETTINGS.has(name) && SIMPLE.test(value)) || (ENDPOINTS.has(name) && PLAIN_URL.test(value));
}

function digest(salt, name, value) {
  const hash = crypto.createHmac('sha256', salt).update(name).update('\0').update(value).digest();
  return hash.subarray(0, DIGEST_BYTES).toString('base64url');
}

module.exports = { describe, environmentOf, withoutChoices };
