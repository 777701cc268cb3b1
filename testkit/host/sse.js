'use strict';

/**
 * Reads a stream of server-sent events as it arrives, and adds the time of its arrival to each event, as the host does.
 * The events become `entry.res`: flat objects for Anthropic, frames for the Responses wire.
 */
class EventReader {
  /** @param {'anthropic'|'openai'} provider */
  constructor(provider) {
    this.provider = provider;
    this.events = [];
    this.rest = '';
  }

  /** @param {string} text the next piece of the body */
  feed(text) {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop();
    for (const block of blocks) this.add(block);
  }

  add(block) {
    const field = (name) => block.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const data = JSON.parse(field('data'));
    const frame = { event: field('event'), type: data.type, data };
    this.events.push({ ...(this.provider === 'anthropic' ? data : frame), _ts: Date.now() });
  }
}

/** The text of one event in a stream. */
function eventText(data) {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

module.exports = { EventReader, eventText };
