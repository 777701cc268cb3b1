'use strict';

const { startFaultyCollector } = require('../faults/collector');
const { eventually, sleep } = require('../waiting');
const { copyOfAddon } = require('./addon-copy');
const { DISTURB } = require('./disturbances');
const { wrongWithFiles } = require('./files');
const { Host, SECRET } = require('./host');
const { broken } = require('./laws');
const { phasesOf } = require('./plan');
const { Tap } = require('./tap');
const { Traffic } = require('./traffic');
const { SUMS } = require('./turns');

const SAMPLE_MS = 5000;
const TURNS_PER_SECOND = 50;
/** Of the time, at its beginning, in which as much is asked as ever is; slopes are judged from the fifth part on. */
const WARM_PART = 0.02;
/** Whoever has to wait for an answer for two seconds has failed by then. */
const FELT_MS = 4500;
/** What broke a law is kept so often; it breaks it again and again. */
const MOST_BROKEN = 5;

/** The hosts, and what is special about them. */
const HOSTS = [
  { name: 'cumulative', isOn: true },
  { name: 'delta', isOn: true, env: { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' } },
  { name: 'without', isOn: false },
];

/** An hour, or less, of mixed faults against hosts with steady traffic. */
class Soak {
  /** What was seen, every few seconds. */
  samples = [];
  /** By host: laws that did not hold. */
  broken = {};
  /** What the collector is. */
  fault = 'well';
  #options;
  #hosts = [];
  #copy;
  #collector;
  #tap;
  #begun;
  /** When the phase that is lived is over, after the beginning. */
  #dueMs = 0;
  /** Phases in which an export must have failed, unless none was tried. */
  #failing = 0;
  /** What could not be done to the hosts, or asked of them. */
  #hitches = [];

  /**
   * @param {object} options
   * @param {number} options.minutes
   * @param {number} options.seed decides what happens when
   * @param {string} [options.addon] what the hosts require. Default: a copy of this package
   * @param {AbortSignal} [options.signal] ends it early, in good order
   */
  constructor(options) {
    this.#options = options;
    this.phases = phasesOf(options.seed, options.minutes * 60_000);
  }

  get elapsedMs() {
    return performance.now() - this.#begun;
  }

  /** @returns {Promise<object>} everything that was seen, for `judge` */
  async run() {
    try {
      await this.#start();
      const traffic = new Traffic(this.#hosts, { seed: this.#options.seed + 1, perSecond: TURNS_PER_SECOND, warmMs: this.#options.minutes * 60_000 * WARM_PART });
      const sampling = this.#sampling();
      traffic.start();
      try {
        for (const phase of this.phases) await this.#live(phase);
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

  async #live({ collector, forMs, disturbance }) {
    this.#dueMs += forMs;
    const until = this.#begun + this.#dueMs;
    // What was done to the hosts may outlast a phase, and the next one with it.
    if (this.#isOver || performance.now() >= until) return;
    await this.#collector.become(collector);
    this.fault = collector;
    const begun = performance.now();
    if (disturbance !== undefined && disturbance.afterMs < forMs) {
      await this.#pause(disturbance.afterMs);
      if (!this.#isOver) await DISTURB[disturbance.kind](this.#hosts).catch((error) => this.#hitch(disturbance.kind, error));
    }
    await this.#pause(until - performance.now());
    if (performance.now() - begun >= FELT_MS && !HARMLESS.has(collector)) this.#failing += 1;
  }

  /** One thing that went wrong is no reason not to go on; it is told in the end. */
  #hitch(what, { message }) {
    this.#hitches.push(`${what}, after ${Math.round(this.elapsedMs / 1000)} s: ${message}`);
  }

  get #isOver() {
    return this.#options.signal?.aborted === true || this.#hosts.some(({ end }) => end !== undefined);
  }

  async #pause(milliseconds) {
    for (const until = performance.now() + milliseconds; performance.now() < until && !this.#isOver;) {
      await sleep(Math.min(250, Math.max(1, until - performance.now())));
    }
  }

  /** Takes a sample every few seconds until it is stopped; a host that stands still is waited for. */
  #sampling() {
    const stop = new AbortController();
    const loop = async () => {
      for (let next = SAMPLE_MS; !stop.signal.aborted; next += SAMPLE_MS) {
        while (!stop.signal.aborted && this.elapsedMs < next) await sleep(100);
        if (!stop.signal.aborted && !this.#isOver) await this.#sample().catch((error) => this.#hitch('sample', error));
      }
    };
    return { over: loop(), stop: () => stop.abort() };
  }

  async #sample() {
    const sample = { atMs: Math.round(this.elapsedMs), fault: this.fault, hosts: {} };
    await Promise.all(this.#hosts.map(async (host) => {
      const books = await host.ask('books');
      sample.hosts[host.name] = { ...host.resources(), ...summary(books) };
      if (host.hasAddon) this.#check(host, books, `after ${Math.round(sample.atMs / 1000)} s`);
    }));
    this.samples.push(sample);
  }

  #check({ name }, books, when) {
    for (const law of broken(books)) {
      if (this.broken[name].length < MOST_BROKEN) this.broken[name].push(`${when}: ${law}`);
    }
  }

  async #finish() {
    await this.#collector.become('well');
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
      heardAs: this.#collector.heardAs,
      elsewhere: this.#collector.elsewhere,
      noOtlp: this.#collector.broken,
      twice: this.#collector.overlaps,
      denied: { partialSuccess: this.#tap.denied(['partialSuccess']), all: this.#tap.denied(SAID_YES) },
      samples: this.samples,
      hitches: this.#hitches,
      hosts: this.#hosts.map((host, i) => this.#seen(host, ends[i], early.has(host))),
    };
  }

  #seen(host, { last, ...end }, isEarly) {
    const { name, hasAddon, requests, firstError, stderr, latency } = host;
    return {
      name, hasAddon, requests, firstError, stderr, end, isEarly, last,
      broken: this.broken[name],
      files: hasAddon ? wrongWithFiles(host.files, SECRET) : [],
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

/** What a host's books say in a sample. */
function summary({ heapUsed, heapTotal, status }) {
  if (status === undefined) return { heapUsed, heapTotal };
  const { state, entries: { accepted, processed, queued }, exports: { delivered, failed, backlog } } = status;
  return { heapUsed, heapTotal, state, accepted, processed, queued, delivered, failed, backlog };
}

/** A yes without taking anything, which the exporter has to believe. */
const SAID_YES = ['partialSuccess', 'garbage'];
const HARMLESS = new Set(['well', ...SAID_YES]);

module.exports = { Soak };
