'use strict';

const { once } = require('node:events');

const { WebSocket } = require('ws');

const { SECRET } = require('./upstream.js');

const PERMISSIONS =
  '<permissions instructions>\n`sandbox_mode` is `workspace-write`: ... Approval policy is currently never.\n</permissions instructions>';

/**
 * The requests of coding agents to a proxy. `base` is the proxy's URL, in hub mode with the client's route.
 * Every function resolves when the agent has the response; `metadata` controls the upstream.
 */
function agent(base) {
  async function post(path, body) {
    const response = await fetch(`${base}${path}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  }

  async function connected() {
    const socket = new WebSocket(`${base}/v1/responses`);
    await once(socket, 'open');
    return socket;
  }

  /** One turn of Claude Code. */
  function claude({ stream = true, metadata } = {}) {
    const content = [{ type: 'text', text: `please look at ${SECRET}` }];
    const messages = [{ role: 'user', content }];
    return post('/v1/messages?beta=true', {
      model: 'claude-sonnet-4-6', stream, messages, metadata: { ...personal(), ...metadata },
    });
  }

  /** One turn of Codex over HTTP. */
  function codex({ metadata } = {}) {
    return post('/v1/responses', responsesRequest(metadata));
  }

  /**
   * A conversation of Codex over one WebSocket, with one request for each element of `turns`. Each is sent when the one before
   * it has been answered.
   *
   * @param {object[]} turns what differs from a plain request: `{generate: false}`, `{metadata: {cut: true}}`
   */
  async function codexSocket(turns) {
    const socket = await connected();
    for (const { metadata, ...turn } of turns) {
      const answered = new Promise((resolve) => {
        socket.on('message', (text) => JSON.parse(text).type === 'response.completed' && resolve());
        socket.on('close', resolve);
      });
      socket.send(JSON.stringify({ type: 'response.create', ...responsesRequest(metadata), ...turn }));
      await answered;
    }
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }

  /** Starts a turn of Codex that does not end: resolves when the response has begun, and stays connected. */
  async function codexAtWork() {
    const socket = await connected();
    const begun = once(socket, 'message');
    socket.send(JSON.stringify({ type: 'response.create', ...responsesRequest({ stall: true }) }));
    await begun;
  }

  return { claude, codex, codexSocket, codexAtWork };
}

module.exports = { agent };

function responsesRequest(metadata) {
  return {
    model: 'gpt-5.5',
    instructions: 'You are Codex',
    input: [item('developer', PERMISSIONS), item('user', `say ${SECRET}`)],
    stream: true,
    metadata: { ...personal(), ...metadata },
  };
}

function item(role, text) {
  return { type: 'message', role, content: [{ type: 'input_text', text }] };
}

/** The fields of a request that identify a person. */
function personal() {
  return { session_id: `session-${SECRET}`, cwd: `/home/${SECRET}`, title: `title ${SECRET}` };
}
