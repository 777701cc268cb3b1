'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');

const addon = require('../..');
const { run } = require('../../testkit/process/run');
const { on } = require('../../testkit/notice');
const { authority, available } = require('../../testkit/certificates');

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-tls-'));
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

const withOpenssl = available() ? describe : describe.skip;
if (!available()) process.stderr.write('tls.test.js: skipped, because openssl is not installed\n');

withOpenssl('over TLS', () => {
  const { file, issue } = available() ? authority(directory) : {};

  /** Exports to a server with a certificate for these names and days, and trusts the file `trusted`. */
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
    const { stdout, stderr } = await run('children/tls.js', [endpoint], { env: { SSL_CERT_FILE: trusted } });
    expect(stderr).toBe(on(endpoint));
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    return { ...JSON.parse(stdout), requests };
  }

  /**
   * Exports to a server that requires a client certificate.
   * @param {(endpoint: string) => object} optionsFor options of `init`
   */
  async function shownBy(optionsFor) {
    let requests = 0;
    const wanted = { ...issue('DNS:localhost'), ca: fs.readFileSync(file), requestCert: true, rejectUnauthorized: true };
    const server = https.createServer(wanted, (request, response) => {
      requests += 1;
      request.resume().on('end', () => response.end());
    });
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      addon.init(optionsFor(`https://localhost:${server.address().port}`));
      addon.record('{"provider":"anthropic","msgCount":1}');
      const delivered = await addon.flush(3000);
      const { exports: { lastError }, warnings } = addon.status();
      return { delivered, requests, lastError, warnings };
    } finally {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    }
  }

  /** With these files in the project's config. */
  async function shown(tls) {
    return shownBy((endpoint) => {
      fs.writeFileSync(path.join(directory, '.ccxray.json'), JSON.stringify({ otel: { tier: 1, endpoint, tls } }));
      return { cwd: directory, home: directory, env: { CCXRAY_OTEL_TRUST: '1' } };
    });
  }

  /** With these variables; `~` is the directory of the files. */
  const shownWith = (variables) => shownBy((endpoint) => ({
    cwd: fs.mkdtempSync(path.join(directory, 'cwd-')),
    home: directory,
    env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...variables },
  }));

  function client(days) {
    const { key, cert } = issue('DNS:client', days);
    fs.writeFileSync(path.join(directory, 'client.key'), key);
    fs.writeFileSync(path.join(directory, 'client.pem'), cert);
  }

  test('a trusted server gets the metrics', async () => {
    const { delivered, requests } = await exported('DNS:localhost');
    expect({ delivered, requests }).toEqual({ delivered: true, requests: 2 });
  });

  test('an untrusted server gets nothing, and the status has the reason', async () => {
    const other = path.join(directory, 'other');
    fs.mkdirSync(other);
    const { delivered, requests, exports } = await exported('DNS:localhost', { trusted: authority(other).file });
    expect({ delivered, requests, lastError: exports.lastError }).toEqual({ delivered: false, requests: 0, lastError: expect.stringContaining(' is from an authority that this machine does not trust. ') });
  });

  test('a server with another name gets nothing', async () => {
    const { delivered, requests, exports } = await exported('DNS:elsewhere.example');
    expect({ delivered, requests, lastError: exports.lastError }).toEqual({ delivered: false, requests: 0, lastError: expect.stringContaining(' is for elsewhere.example, and not for localhost. ') });
  });

  describe('with certificates in the project\'s config', () => {
    afterEach(() => addon.shutdown(1));

    test('server and client authenticate each other', async () => {
      client();
      const { delivered, requests } = await shown({ ca_file: 'ca.pem', certificate_file: 'client.pem', key_file: 'client.key' });
      expect({ delivered, requests }).toEqual({ delivered: true, requests: 2 });
    });

    test('a server rejects a client without certificate', async () => {
      expect(await shown({ ca_file: 'ca.pem' })).toMatchObject({ delivered: false, requests: 0 });
    });

    test.each([
      ['does not exist', { ca_file: 'nothing.pem' }, 'the file of tls.ca_file does not exist'],
      ['is a directory', { ca_file: '.' }, 'the file of tls.ca_file cannot be read'],
      ['holds no certificate', { ca_file: '.ccxray.json' }, 'the file of tls.ca_file contains no certificate in PEM'],
      ['holds a broken certificate', { ca_file: 'broken.pem' }, 'the file of tls.ca_file contains a certificate that cannot be read'],
      ['holds no key', { certificate_file: 'client.pem', key_file: 'ca.pem' }, 'the file of tls.key_file contains no private key in PEM'],
      ['holds an encrypted key', { certificate_file: 'client.pem', key_file: 'encrypted.key' }, 'the file of tls.key_file contains an encrypted key. Write the key without its passphrase into the file: openssl pkey -in OLD -out NEW'],
      ['holds the key of another certificate', { certificate_file: 'client.pem', key_file: 'ca.key' }, 'the file of tls.key_file is not the key of the certificate in tls.certificate_file'],
    ])('the error of a file that %s names the setting', async (_, tls, problem) => {
      client();
      fs.writeFileSync(path.join(directory, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
      execFileSync('openssl', ['pkey', '-in', path.join(directory, 'client.key'), '-aes256', '-passout', 'pass:x', '-out', path.join(directory, 'encrypted.key')]);
      const { delivered, requests, lastError, warnings } = await shown(tls);
      expect({ delivered, requests, lastError }).toEqual({ delivered: false, requests: 0, lastError: problem });
      expect(warnings).toEqual([`${problem.replace('the file', 'The file')}. Nothing can be sent until that is corrected.`]);
    });

    test('a client certificate that has expired is a warning', async () => {
      client(-1);
      const { warnings } = await shown({ certificate_file: 'client.pem', key_file: 'client.key' });
      expect(warnings).toEqual([expect.stringMatching(/^The certificate in tls\.certificate_file has expired on \d{4}-\d\d-\d\d\. Replace it\.$/)]);
    });
  });

  describe('with certificates in the environment', () => {
    afterEach(() => addon.shutdown(1));
    const PAIR = { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '~/client.pem', OTEL_EXPORTER_OTLP_CLIENT_KEY: '~/client.key' };

    test.each([
      ['an authority of OpenTelemetry', { OTEL_EXPORTER_OTLP_CERTIFICATE: '~/ca.pem' }],
      ['further authorities of Node', { NODE_EXTRA_CA_CERTS: '~/ca.pem' }],
    ])('server and client authenticate each other: %s', async (_, authorities) => {
      client();
      expect(await shownWith({ ...PAIR, ...authorities })).toMatchObject({ delivered: true, requests: 2, warnings: [] });
    });

    test('a file that cannot be used is named with its variable and path', async () => {
      client();
      const { lastError } = await shownWith({ ...PAIR, OTEL_EXPORTER_OTLP_CERTIFICATE: '~/certs/none.pem' });
      expect(lastError).toBe('the file of OTEL_EXPORTER_OTLP_CERTIFICATE (~/certs/none.pem) does not exist');
    });

    test('half a pair is refused with the name of the other half', async () => {
      await expect(shownWith({ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '~/client.pem' })).rejects.toThrow(/^environment: OTEL_EXPORTER_OTLP_CLIENT_KEY: .+ Set both, or neither\.$/);
    });

    test('further authorities of Node that cannot be read are a warning', async () => {
      const { delivered, warnings } = await shownWith({ NODE_EXTRA_CA_CERTS: '~/none.pem' });
      expect({ delivered, warnings }).toEqual({ delivered: false, warnings: ['NODE_EXTRA_CA_CERTS (~/none.pem) does not exist, so its certificates are not used.'] });
    });
  });

  test('a server with an expired certificate gets nothing', async () => {
    const { delivered, requests, exports } = await exported('DNS:localhost', { days: -1 });
    expect({ delivered, requests, lastError: exports.lastError }).toEqual({ delivered: false, requests: 0, lastError: expect.stringContaining(' has expired. ') });
  });
});
