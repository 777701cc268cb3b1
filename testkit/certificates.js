'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const CA_CONFIG = '[req]\ndistinguished_name=dn\nx509_extensions=ca\nprompt=no\n[dn]\nCN=test authority\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n';

/** @returns {boolean} whether this machine can make certificates */
function available() {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function openssl(...args) {
  execFileSync('openssl', args, { stdio: 'pipe' });
}

/**
 * Makes a new certificate authority in `directory`.
 * @returns {{file: string, issue: (names: string, days?: number) => {key: string, cert: string}}} the file of its
 *   certificate, and a function that certifies a server: `names` is a subjectAltName such as `DNS:localhost`; with
 *   negative `days` the certificate has expired
 */
function authority(directory) {
  const at = (name) => path.join(directory, name);
  fs.writeFileSync(at('ca.cnf'), CA_CONFIG);
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', at('ca.cnf'), '-days', '2', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  const issue = (names, days = 1) => {
    fs.writeFileSync(at('server.ext'), `subjectAltName=${names}\n`);
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=server', '-keyout', at('server.key'), '-out', at('server.csr'));
    openssl('x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', String(days), '-extfile', at('server.ext'), '-out', at('server.pem'));
    return { key: fs.readFileSync(at('server.key'), 'utf8'), cert: fs.readFileSync(at('server.pem'), 'utf8') };
  };
  return { file: at('ca.pem'), issue };
}

module.exports = { authority, available };
