'use strict';

const crypto = require('node:crypto');
const EventEmitter = require('node:events');
const http = require('node:http');

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x81;
const CLOSE = 0x88;

/**
 * One end of a WebSocket: whole text frames and close, which is all that the Responses wire needs. Emits `text`
 * and `close`.
 */
class WebSocketEnd extends EventEmitter {
  /**
   * @param {import('node:net').Socket} socket after the handshake
   * @param {boolean} isClient clients mask what they send
   */
  constructor(socket, isClient) {
    super();
    this.socket = socket;
    this.isClient = isClient;
    this.rest = Buffer.alloc(0);
    socket.on('data', (bytes) => this.read(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.emit('close'));
  }

  send(text) {
    this.write(TEXT, Buffer.from(text));
  }

  close() {
    if (this.socket.destroyed) return;
    this.write(CLOSE, Buffer.from([0x03, 0xe8]));
    this.socket.end();
  }

  write(opcode, payload) {
    const isShort = payload.length < 126;
    const head = Buffer.alloc(isShort ? 2 : 4);
    head[0] = opcode;
    head[1] = (this.isClient ? 0x80 : 0) | (isShort ? payload.length : 126);
    if (!isShort) head.writeUInt16BE(payload.length, 2);
    const mask = this.isClient ? crypto.randomBytes(4) : Buffer.alloc(0);
    this.socket.write(Buffer.concat([head, mask, masked(payload, mask)]));
  }

  read(bytes) {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (let frame = this.next(); frame; frame = this.next()) {
      if (frame.opcode === CLOSE) this.socket.end();
      else this.emit('text', frame.payload.toString());
    }
  }

  /** Takes the next whole frame off the buffer. Nothing here is longer than a 16-bit length can say. */
  next() {
    if (this.rest.length < 4) return null;
    const [opcode, second] = this.rest;
    const isShort = (second & 0x7f) < 126;
    const maskAt = isShort ? 2 : 4;
    const start = maskAt + (second & 0x80 ? 4 : 0);
    const end = start + (isShort ? second & 0x7f : this.rest.readUInt16BE(2));
    if (this.rest.length < end) return null;
    const payload = masked(this.rest.subarray(start, end), this.rest.subarray(maskAt, start));
    this.rest = this.rest.subarray(end);
    return { opcode, payload };
  }
}

/** Answers a handshake. */
function accept(req, socket) {
  const answer = answerTo(req.headers['sec-websocket-key']);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${answer}\r\n\r\n`,
  );
  return new WebSocketEnd(socket, false);
}

/**
 * @param {string} url http, not ws
 * @returns {Promise<WebSocketEnd>}
 */
function connect(url) {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': crypto.randomBytes(16).toString('base64'),
  };
  return new Promise((resolve, reject) => {
    const req = http.get(url, { headers });
    req.on('upgrade', (res, socket) => resolve(new WebSocketEnd(socket, true)));
    req.on('response', (res) => reject(new Error(`no upgrade: ${res.statusCode}`)));
    req.on('error', reject);
  });
}

function answerTo(key) {
  return crypto.createHash('sha1').update(key + GUID).digest('base64');
}

function masked(payload, mask) {
  return mask.length === 0 ? payload : payload.map((byte, i) => byte ^ mask[i % 4]);
}

module.exports = { accept, connect };
