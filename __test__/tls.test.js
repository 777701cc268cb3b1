'use strict';

const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');

const { run } = require('./support/child-run');
const { on } = require('./support/notice');
const { authority, available } = require('./support/tls-certificates');

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-tls-'));
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

const withOpenssl = available() ? describe : describe.skip;
if (!available()) process.stderr.write('tls.test.js: skipped, for there is no openssl to make certificates with\n');

withOpenssl('over TLS', () => {
  const { file, issue } = available() ? authority(directory) : {};

  /** Exports to a server with these names, valid for so many days, trusting what is in `trusted`. */
  async function exported(names, { days, trusted = file } = {}) {
    let requests = 0;
    const server = https.createServer(issue(names, days), (request, response) => {
      requests += 1;
      request.resume().on('end', () => response.setHeader('content-type', 'application/x-protobuf').end());
    });
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const endpoint = `https://localhost:${server.address().port}`;
    const { stdout, stderr } = await run('child-tls.js', [endpoint], { env: { SSL_CERT_FILE: trusted } });
    expect(stderr).toBe(on(endpoint));
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    return { ...JSON.parse(stdout), requests };
  }

  test('a server that the system trusts gets the numbers', async () => {
    const { delivered, requests } = await exported('DNS:localhost');
    expect({ delivered, requests }).toEqual({ delivered: true, requests: 2 });
  });

  test('a server that it does not trust gets nothing, and the status says why', async () => {
    const other = path.join(directory, 'other');
    fs.mkdirSync(other);
    const { delivered, requests, exports } = await exported('DNS:localhost', { trusted: authority(other).file });
    expect({ delivered, requests, lastError: exports.lastError }).toEqual({ delivered: false, requests: 0, lastError: 'the TLS handshake failed' });
  });

  test('nor does a server with another name', async () => {
    const { delivered, requests, exports } = await exported('DNS:elsewhere.example');
    expect({ delivered, requests, lastError: exports.lastError }).toEqual({ delivered: false, requests: 0, lastError: 'the TLS handshake failed' });
  });

  test('nor one whose certificate has expired', async () => {
    const { delivered, requests, exports } = await exported('DNS:localhost', { days: -1 });
    expect({ delivered, requests, lastError: exports.lastError }).toEqual({ delivered: false, requests: 0, lastError: 'the TLS handshake failed' });
  });
});
