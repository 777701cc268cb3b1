'use strict';

const { pieces } = require('../../demo/traffic/text');
const { DISGUISES, SECRET_NAMES } = require('./disguises');
const { markersIn } = require('./markers');

/**
 * Plants markers in every string of an entry, on every wire: in place of the string, or beside it if the parsers need it.
 * Objects get unknown fields, and lists get unknown elements.
 */
class Planter {
  #markers;
  #random;
  #sendsNames;
  #isWild;
  #plantsNames;
  #isAnthropic = true;

  /**
   * @param {import('./markers').Markers} markers
   * @param {object} [options]
   * @param {boolean} [options.sendsNames] whether planted names may be sent as names. Default: true
   * @param {boolean} [options.isWild] whether it also replaces the strings that identify the wire. Default: false
   * @param {boolean} [options.plantsNames] whether it also plants names. Default: true
   */
  constructor(markers, { sendsNames = true, isWild = false, plantsNames = true } = {}) {
    this.#markers = markers;
    this.#random = markers.random;
    this.#sendsNames = sendsNames;
    this.#isWild = isWild;
    this.#plantsNames = plantsNames;
  }

  /**
   * @param {object} entry a whole entry, or an index line
   * @param {string} where a description, for reports
   * @returns {object} a copy
   */
  entry(entry, where) {
    this.#isAnthropic = entry.provider === 'anthropic';
    const planted = this.#value(entry, [], where);
    if (typeof planted.req === 'object') this.#userCommand(planted.req, where);
    return { ...planted, ...this.#identity(where) };
  }

  /** A part that is passed beside the line: `req` or `res`. */
  part(part, value, where) {
    const planted = this.#value(value, [part], `${where}.${part}`);
    if (part === 'req') this.#userCommand(planted, where);
    return planted;
  }

  /** Upstream headers: unknown names and values, and texts where numbers are expected. */
  headers(where) {
    const text = () => this.text(`${where} headers`);
    return {
      'request-id': text(),
      'set-cookie': [text(), text()],
      'anthropic-organization-id': text(),
      'anthropic-ratelimit-unified-5h-utilization': '0.42',
      'anthropic-ratelimit-unified-7d-utilization': text(),
      'anthropic-ratelimit-requests-limit': text(),
      'x-ratelimit-remaining-tokens': [text()],
      [`x-${this.#mint(`${where} headers`)}`]: text(),
    };
  }

  /** A text that must not be sent. */
  text(where) {
    return this.#random.pick(DISGUISES)(() => this.#mint(where));
  }

  /** A name, sometimes one that must not be sent. */
  name(kind, where) {
    if (this.#random.chance(0.15)) return this.#random.pick(SECRET_NAMES)(() => this.#mint(where));
    return `${this.#random.pick(['', 'acme-', 'the_', 'v2.'])}${this.#mintName(kind, where)}`;
  }

  #mint(where) {
    return this.#markers.mint('content', where);
  }

  #mintName(kind, where) {
    return this.#markers.asName(this.#markers.mint(this.#sendsNames ? kind : 'content', where));
  }

  /** A text for the place of a name. */
  #name(where) {
    return this.#markers.asName(this.#mint(where));
  }

  /** A text in the place of a name. Some of them look like a name. */
  #textForWord(where) {
    const text = this.text(where);
    return LOOKS_LIKE_A_NAME.test(text) ? this.#markers.asName(text) : text;
  }

  #value(value, trail, where) {
    if (typeof value === 'string') return this.#string(value, trail, where);
    if (Array.isArray(value)) return this.#list(value, trail, where);
    if (value !== null && typeof value === 'object') return this.#object(value, trail, where);
    return value;
  }

  #list(list, trail, where) {
    const planted = this.#withInputs(list, where).map((item, i) => this.#value(item, trail, `${where}[${i}]`));
    // At the front, because the last message of a list is the newest.
    const ofObjects = list.some((item) => item !== null && typeof item === 'object');
    if (ofObjects && this.#random.chance(0.3)) planted.unshift({ type: this.#name(where), [this.#mint(where)]: this.text(where) });
    return planted;
  }

  #object(object, trail, where) {
    const key = trail.at(-1);
    if (key in COUNTS_BY_NAME) return this.#counts(object, key, where);
    if (key === 'turnToolCallIds') return this.#callIds(object, where);
    const pairs = Object.entries(object).map(([name, value]) => [name, this.#value(value, [...trail, name], `${where}.${name}`)]);
    if (this.#random.chance(0.35)) pairs.push([this.#mint(where), this.#random.pick([this.text(where), { [this.#mint(where)]: [this.text(where)] }])]);
    return Object.fromEntries(pairs);
  }

  #string(text, trail, where) {
    const key = trail.at(-1);
    if (LEFT_ALONE.has(key) || isPlanted(text)) return text;
    if (STRUCTURE.has(key) && trail.at(-2) !== 'error') return this.#isWild ? this.#name(where) : text;
    const kind = nameOf(trail);
    if (kind !== undefined) return this.#plantsNames ? this.#named(text, kind, where) : text;
    if (VOCABULARIES.has(key)) return this.#random.chance(0.5) ? text : this.#textForWord(where);
    if (HOLDS_JSON.has(key)) return this.#json(text, trail, where);
    if (text.includes('<permissions instructions>')) return this.#permissions(text, where);
    return this.#random.pick([
      () => this.text(where),
      () => `${text} ${this.text(where)}`,
      () => `${this.text(where)} ${text}`,
    ])();
  }

  #named(text, kind, where) {
    if (kind === 'namespace') return this.#random.chance(0.5) ? text : `mcp__${this.#mintName('server', where)}`;
    if (kind === 'tool' && text.startsWith('mcp__')) return this.#mcpName(where);
    if (kind === 'model' && /^(claude|gpt|grok)-/.test(text) && this.#random.chance(0.6)) {
      // A published model with a prefix or suffix is sent under its published name.
      return this.#random.pick([() => `${text}-${this.#mint(where)}`, () => `${this.#mint(where)}/${text}`, () => `eu.${this.#mint(where)}.anthropic.${text}`])();
    }
    // Enough known tools stay for their inputs to be read, and enough known agents for side requests to exist.
    return this.#random.chance(kind === 'model' ? 0 : 0.6) ? text : this.name(kind, where);
  }

  #mcpName(where) {
    return `mcp__${this.#mintName('server', where)}__${this.#mintName('mcpTool', where)}`;
  }

  /** Maps from a name to a count. */
  #counts(object, key, where) {
    const isRead = COUNTS_BY_NAME[key] && (key === 'turnToolCalls' || !this.#isAnthropic);
    const named = (name) => {
      if (isPlanted(name) || this.#random.chance(0.3)) return name;
      if (!isRead) return this.#mint(where);
      return this.#random.chance(0.3) ? this.#mcpName(where) : this.name('tool', where);
    };
    return Object.fromEntries(Object.entries(object).map(([name, count]) => [named(name), count]));
  }

  #callIds(object, where) {
    const named = (name) => (isPlanted(name) || this.#random.chance(0.4) ? name : this.name('tool', where));
    return Object.fromEntries(Object.values(object).map((name) => [this.#mint(where), named(name)]));
  }

  #json(text, trail, where) {
    try {
      return JSON.stringify(this.#value(JSON.parse(text), trail, where));
    } catch {
      return `${text}${this.text(where)}`;
    }
  }

  #permissions(text, where) {
    const policy = this.#random.pick(['never', this.#name(where), `yolo-${this.#name(where)}`]);
    const sandbox = this.#random.pick(['workspace-write', this.#name(where)]);
    return `${this.text(where)} ${text.replace('currently never', `currently ${policy}`).replace('`workspace-write`', `\`${sandbox}\``)} ${this.text(where)}`;
  }

  /** Streams send the inputs of tools in pieces. Markers are planted in the whole input, so that pieces cut through them. */
  #withInputs(events, where) {
    const inputs = new Map();
    for (const event of events) {
      if (typeof event?.delta?.partial_json !== 'string') continue;
      inputs.set(event.index, [...(inputs.get(event.index) ?? []), event.delta.partial_json]);
    }
    for (const [index, list] of inputs) {
      const whole = list.join('');
      if (!isPlanted(whole)) inputs.set(index, cut(this.#json(whole, ['res', 'input'], `${where} input ${index}`), list.length));
    }
    return events.map((event) => {
      if (typeof event?.delta?.partial_json !== 'string') return event;
      return { ...event, delta: { ...event.delta, partial_json: inputs.get(event.index).shift() } };
    });
  }

  /** A skill that the user calls by a slash command in the newest message. */
  #userCommand(request, where) {
    const newest = request?.messages?.at?.(-1);
    if (newest?.role !== 'user' || !this.#random.chance(0.4)) return;
    const skill = this.name('skill', `${where} command`);
    const text = this.#random.pick([`<command-message>${skill}</command-message>`, `<command-message>/${skill} is running…</command-message>`]);
    newest.content = typeof newest.content === 'string' ? `${newest.content} ${text}` : [...newest.content, { type: 'text', text }];
  }

  /** Fields of the entry that identify the person and the place. Some hosts do not have them. */
  #identity(where) {
    const fields = ['agentId', 'userEmail', 'team', 'agentType', 'parentSessionId', 'sessionId', 'cwd', 'title', 'accountUuid', 'deviceId', 'requestId', 'hostname', 'user', 'permissionMode'];
    const reported = fields.filter(() => this.#random.chance(0.5)).map((field) => [field, this.text(`${where}.${field}`)]);
    const text = () => this.text(`${where} identity`);
    return {
      ...Object.fromEntries(reported),
      editSummary: [text()],
      requestHeaders: { authorization: text(), 'x-api-key': text(), cookie: text(), 'x-codex-turn-metadata': text(), [this.#mint(where)]: text() },
      error: { message: text() },
    };
  }
}

/** The kind of name at the end of this path, if the addon reads it. */
function nameOf(trail) {
  const key = trail.at(-1);
  if (trail.length === 1) return { model: 'model', agentKey: 'agent' }[key];
  if (trail[0] !== 'res') return undefined;
  if (key === 'server_name' || key === 'server_label') return 'server';
  if (key === 'namespace') return 'namespace';
  if (key === 'skill') return 'skill';
  return key === 'name' && CALLS.has(trail.at(-2)) ? 'tool' : undefined;
}

function isPlanted(text) {
  return markersIn(text).length > 0;
}

/** That many pieces. All but the last ones have the same length. */
function cut(text, count) {
  const cuts = pieces(text, Math.ceil(text.length / count));
  return Array.from({ length: count }, (_, i) => cuts[i] ?? '');
}

/** None of the disguises that look like a token is a real token. */
const LOOKS_LIKE_A_NAME = /^(http_)?cnry[0-9a-z]{12}$/i;
/** Keys that are not planted one by one: pieces of an input, and numbers. */
const LEFT_ALONE = new Set(['partial_json', 'elapsed']);
/** The keys that identify the wire and the kind of an entry. */
const STRUCTURE = new Set(['type', 'role', 'event', 'object', 'transport', 'capture', 'provider', 'agent']);
/** Keys with values from a closed list, through which nothing else can be sent. */
const VOCABULARIES = new Set(['type', 'code', 'status', 'stop_reason', 'stopReason', 'reason', 'responseStatus']);
const HOLDS_JSON = new Set(['arguments', 'user_id']);
/** The paths of calls in a response. */
const CALLS = new Set(['content_block', 'content', 'item', 'output']);
/** Maps with names as keys, and whether the addon reads them. The others grow over the history of a session. */
const COUNTS_BY_NAME = { turnToolCalls: true, toolCalls: true, skillCalls: false, duplicateToolCalls: false, toolSources: false };

module.exports = { Planter };
