'use strict';

const { startFaultyCollector } = require('../faults/collector');
const { eventually, sleep } = require('../waiting');
const { copyOfAddon } = require('./addon-copy');
const { DISTURB } = require('./disturbances');
const { problemsOfFiles } = require('./files');
const { Host, SECRET } = require('./host');
const { broken } = require('./invariants');
const { phasesOf } = require('./plan');
const { Tap } = require('./tap');
const { Traffic } = require('./traffic');
const { SUMS } = require('./turns');

const SAMPLE_MS = 5000;
const TURNS_PER_SECOND = 50;
/** The share of the time, at the beginning, with the highest load. Slopes count from the first fifth on. */
const WARM_PART = 0.02;
/** A phase of this length is long enough for an export to run into its deadline of two seconds. */
const LONG_PHASE_MS = 4500;
/** How many violations are kept for each host, because a broken invariant is seen again and again. */
const MOST_BROKEN = 5;

/** The hosts, and how they differ. */
const HOSTS = [
  { name: 'cumulative', isOn: true },
  { name: 'delta', isOn: true, env: { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' } },
  { name: 'without', isOn: false },
];

/** Steady traffic against hosts, with mixed faults, for an hour or less. */
class Soak {
  /** The measurements, taken every few seconds. */
  samples = [];
  /** By host: invariants that did not hold. */
  broken = {};
  /** The collector's current fault. */
  fault = 'healthy';
  #options;
  #hosts = [];
  #copy;
  #collector;
  #tap;
  #begun;
  /** The end of the current phase, since the beginning. */
  #dueMs = 0;
  /** How many phases had a fault for long enough to make an export fail. */
  #failing = 0;
  /** Disturbances and samples that failed. */
  #incidents = [];

  /**
   * @param {object} options
   * @param {number} options.minutes
   * @param {number} options.seed of the phases
   * @param {string} [options.addon] the addon of the hosts. Default: a copy of this package
   * @param {AbortSignal} [options.signal] ends the soak early, with a result
   */
  constructor(options) {
    this.#options = options;
    this.phases = phasesOf(options.seed, options.minutes * 60_000);
  }

  get elapsedMs() {
    return performance.now() - this.#begun;
  }

  /** @returns {Promise<object>} all measurements, for `judge` */
  async run() {
    try {
      await this.#start();
      const traffic = new Traffic(this.#hosts, { seed: this.#options.seed + 1, perSecond: TURNS_PER_SECOND, warmMs: this.#options.minutes * 60_000 * WARM_PART });
      const sampling = this.#sampling();
      traffic.start();
      try {
        for (const phase of this.phases) await this.#run(phase);
      } finally {
        traffic.stop();
        sampling.stop();
        await sampling.over;
      }
      return await this.#finish();
    } finally {
      await this.#clear();
    }
  }

  async #start() {
    const { seed } = this.#options;
    const addon = this.#options.addon ?? (this.#copy = copyOfAddon()).path;
    this.#collector = await startFaultyCollector();
    this.#tap = new Tap(this.#collector);
    this.#hosts = HOSTS.map(({ name, isOn, env }) => {
      return isOn ? new Host({ name, seed, addon, endpoint: this.#collector.endpoint, env }) : new Host({ name, seed, addon: null });
    });
    for (const { name } of this.#hosts) this.broken[name] = [];
    await Promise.all(this.#hosts.map((host) => host.started()));
    this.#begun = performance.now();
  }

  async #run({ collector, forMs, disturbance }) {
    this.#dueMs += forMs;
    const until = this.#begun + this.#dueMs;
    // A disturbance may last longer than its phase and the next one.
    if (this.#isOver || performance.now() >= until) return;
    await this.#collector.setFault(collector);
    this.fault = collector;
    const begun = performance.now();
    if (disturbance !== undefined && disturbance.afterMs < forMs) {
      await this.#pause(disturbance.afterMs);
      if (!this.#isOver) await DISTURB[disturbance.kind](this.#hosts).catch((error) => this.#incident(disturbance.kind, error));
    }
    await this.#pause(until - performance.now());
    if (performance.now() - begun >= LONG_PHASE_MS && !HARMLESS.has(collector)) this.#failing += 1;
  }

  /** Notes a failure for the verdict. The soak goes on. */
  #incident(what, { message }) {
    this.#incidents.push(`${what}, after ${Math.round(this.elapsedMs / 1000)} s: ${message}`);
  }

  get #isOver() {
    return this.#options.signal?.aborted === true || this.#hosts.some(({ end }) => end !== undefined);
  }

  async #pause(milliseconds) {
    for (const until = performance.now() + milliseconds; performance.now() < until && !this.#isOver;) {
      await sleep(Math.min(250, Math.max(1, until - performance.now())));
    }
  }

  /** Takes a sample every few seconds until it is stopped. It waits for a host that is paused. */
  #sampling() {
    const stop = new AbortController();
    const loop = async () => {
      for (let next = SAMPLE_MS; !stop.signal.aborted; next += SAMPLE_MS) {
        while (!stop.signal.aborted && this.elapsedMs < next) await sleep(100);
        if (!stop.signal.aborted && !this.#isOver) await this.#sample().catch((error) => this.#incident('sample', error));
      }
    };
    return { over: loop(), stop: () => stop.abort() };
  }

  async #sample() {
    const sample = { atMs: Math.round(this.elapsedMs), fault: this.fault, hosts: {} };
    await Promise.all(this.#hosts.map(async (host) => {
      const counts = await host.send('counts');
      sample.hosts[host.name] = { ...host.resources(), ...summary(counts) };
      if (host.hasAddon) this.#check(host, counts, `after ${Math.round(sample.atMs / 1000)} s`);
    }));
    this.samples.push(sample);
  }

  #check({ name }, counts, when) {
    for (const violation of broken(counts)) {
      if (this.broken[name].length < MOST_BROKEN) this.broken[name].push(`${when}: ${violation}`);
    }
  }

  async #finish() {
    await this.#collector.setFault('healthy');
    const early = new Set(this.#hosts.filter(({ end }) => end !== undefined));
    await eventually(() => this.#hosts.every(({ waiting, end }) => waiting === 0 || end !== undefined), (isAnswered) => isAnswered).catch(() => {});
    const ends = await Promise.all(this.#hosts.map((host) => host.stop()));
    this.#hosts.forEach((host, i) => {
      if (host.hasAddon && ends[i].last !== undefined) this.#check(host, ends[i].last, 'after the shutdown');
    });
    return {
      minutes: this.elapsedMs / 60_000,
      endpoint: this.#collector.endpoint,
      failing: this.#failing,
      receivedDuring: this.#collector.receivedDuring,
      elsewhere: this.#collector.elsewhere,
      notOtlp: this.#collector.broken,
      duplicates: this.#collector.overlaps,
      discarded: { partialSuccess: this.#tap.discarded(['partialSuccess']), all: this.#tap.discarded(ANSWER_SUCCESS) },
      samples: this.samples,
      incidents: this.#incidents,
      hosts: this.#hosts.map((host, i) => this.#seen(host, ends[i], early.has(host))),
    };
  }

  #seen(host, { last, ...end }, isEarly) {
    const { name, hasAddon, requests, firstError, stderr, latency } = host;
    return {
      name, hasAddon, requests, firstError, stderr, end, isEarly, last,
      broken: this.broken[name],
      files: hasAddon ? problemsOfFiles(host.files, SECRET) : [],
      atCollector: this.#sums(name),
      latencyMs: { count: latency.count, p50: latency.percentile(50) / 1000, p99: latency.percentile(99) / 1000, max: latency.max / 1000 },
    };
  }

  #sums(name) {
    const series = this.#collector.series().filter(({ resource }) => resource['project.name'] === name);
    const sum = (metric) => series.filter((one) => one.metric === metric).reduce((all, { value }) => all + value, 0);
    return Object.fromEntries(Object.entries(SUMS).map(([key, metric]) => [key, sum(metric)]));
  }

  async #clear() {
    for (const host of this.#hosts) host.clear();
    this.#tap?.close();
    await this.#collector?.close();
    this.#copy?.clear();
  }
}

/** The part of a host's counts that a sample keeps. */
function summary({ heapUsed, heapTotal, status }) {
  if (status === undefined) return { heapUsed, heapTotal };
  const { state, entries: { accepted, processed, queued }, exports: { delivered, failed, backlog } } = status;
  return { heapUsed, heapTotal, state, accepted, processed, queued, delivered, failed, backlog };
}

/** Faults that answer with success and discard the data. The exporter cannot notice that. */
const ANSWER_SUCCESS = ['partialSuccess', 'garbage'];
const HARMLESS = new Set(['healthy', ...ANSWER_SUCCESS]);

module.exports = { Soak };
