'use strict';

const { spawn } = require('node:child_process');

const { eventually, sleep } = require('../waiting');
const { Terminal } = require('./terminal');

/** How long one step may take. Milliseconds. */
const STEP_MS = 60_000;
/** How long a terminal takes to show what it will show. Milliseconds. */
const SETTLE_MS = 1200;
/** Kinds of requests that a typed message may cause beside its own. */
const BESIDE = new Set(['title', 'warm-up', 'upgrade', 'count', 'probe']);

/**
 * Drives a client through the steps of a scenario:
 *
 * - `{run: prompt, flags, exit, interruptAfter}` runs it without a terminal, to its end;
 * - `{open: flags}` starts it in a terminal; `{say: text, answers: 1}` types a message, and waits until that many requests are
 *   answered; `{press: keys}`, `{until: pattern}`, `{answers: n}` and `{pause: ms}` do what they say; `{close: true}` ends it.
 */
class Drive {
  /** What the client has printed, and what its terminal has shown. */
  output = '';
  #client;
  #program;
  #env;
  #place;
  #upstream;
  #terminal;

  constructor({ client, program, env, place, upstream }) {
    this.#client = client;
    this.#program = program;
    this.#env = env;
    this.#place = place;
    this.#upstream = upstream;
  }

  /**
   * @param {object} step
   * @returns {Promise<void>}
   * @throws {Error} if the client does not do what the step expects, in time
   */
  async perform(step) {
    if (step.run !== undefined) return this.#run(step);
    if (step.open) return this.#open(step.open, step.until);
    const before = this.#answered();
    if (step.say !== undefined) await this.#terminal.type(step.say);
    if (step.press) await this.#terminal.press(step.press);
    if (step.pause) await sleep(step.pause);
    if (step.until) {
      await this.#shows((screen) => step.until.test(screen), `does not show ${step.until}`);
      // A client ignores keys that come too soon after a question, because they may be meant for something else.
      await sleep(SETTLE_MS);
    }
    if (step.answers || step.say !== undefined) await this.#waitFor(before + (step.answers ?? 1), step);
    if (step.close) await this.#close();
    return undefined;
  }

  /** Ends the terminal, if there is one. */
  async end() {
    if (!this.#terminal) return;
    this.output += await this.#terminal.screen();
    await this.#terminal.end();
    this.#terminal = undefined;
  }

  async #run({ run: prompt, flags = [], exit, interruptAfter, env = {}, program }) {
    const args = program ?? this.#client.headless(prompt, flags);
    const [command, ...first] = this.#program;
    const child = spawn(command, [...first, ...args], { cwd: this.#place.project, env: { ...this.#env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => { this.output += text; });
    const ended = new Promise((resolve) => { child.on('close', (code, signal) => resolve(code ?? signal)); });
    const timer = setTimeout(() => child.kill('SIGKILL'), STEP_MS);
    if (interruptAfter) {
      await eventually(() => this.#answered(), (count) => count >= interruptAfter, STEP_MS);
      await sleep(300);
      child.kill('SIGINT');
    }
    const code = await ended;
    clearTimeout(timer);
    if (exit !== undefined ? code !== exit : !interruptAfter && code !== 0) throw new Error(`the client ended with ${code}: ${this.output.slice(-600)}`);
  }

  async #open(flags, until) {
    const [command, ...first] = this.#program;
    this.#terminal = new Terminal(this.#place.tmp);
    await this.#terminal.start([command, ...first, ...this.#client.terminal(flags)], { cwd: this.#place.project, env: this.#env });
    if (until) return void await this.#shows((screen) => until.test(screen), `does not show ${until}`);
    return this.#answerQuestions();
  }

  /** Waits for the place where a message can be typed, and answers the questions that a client asks before it. */
  async #answerQuestions() {
    const keysFor = (screen) => this.#client.questions.find(([question]) => question.test(screen))?.[1];
    for (;;) {
      await this.#shows((screen) => this.#client.isReady(screen) || keysFor(screen) !== undefined, 'does not become ready');
      // A question may appear a little later than the place behind it.
      await sleep(SETTLE_MS);
      const keys = keysFor(await this.#terminal.screen());
      if (!keys) return;
      await this.#terminal.press(keys);
      await sleep(SETTLE_MS);
    }
  }

  async #close() {
    const screen = await this.#terminal.screen();
    this.output += screen;
    await this.end();
  }

  async #shows(condition, what) {
    try {
      return await this.#terminal.shows(condition, STEP_MS / 2);
    } catch {
      throw new Error(`the client ${what}. The terminal shows:\n${(await this.#terminal.screen()).trim()}`);
    }
  }

  /** Waits for further answers, and then until the terminal stands still. */
  async #waitFor(count, step) {
    try {
      await eventually(() => this.#answered(), (seen) => seen >= count, STEP_MS / 2);
    } catch {
      const screen = this.#terminal ? await this.#terminal.screen() : '';
      throw new Error(`${JSON.stringify(step)}: ${this.#answered()} requests instead of ${count}. The terminal shows:\n${screen.trim()}`);
    }
    if (!this.#terminal) return;
    let last;
    for (let i = 0; i < 40; i += 1) {
      await sleep(150);
      const screen = await this.#terminal.screen();
      if (screen === last) return;
      last = screen;
    }
  }

  #answered() {
    return this.#upstream.ledger.filter(({ kind, wire }) => !BESIDE.has(kind) && wire !== 'other').length;
  }
}

module.exports = { Drive };
