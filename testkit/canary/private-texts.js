'use strict';

const { SECRET_KINDS } = require('./secret-kinds');

/**
 * Texts that must not be sent at any tier, not even as a name. Each function is given what makes random texts: `mint` a
 * marker, `hex`, `digits` and `octet`. What contains no marker is one itself.
 */
const PRIVATE_TEXTS = {
  ...Object.fromEntries(Object.entries(SECRET_KINDS).map(([kind, texts]) => [`secret: ${kind}`, texts])),
  'an e-mail address': [
    ({ mint }) => `${mint()}@corp.example`,
    ({ mint }) => `jo.${mint()}+bills@${mint()}.co.uk`,
    ({ mint }) => `Jo <${mint()}@${mint()}.com>`,
    ({ mint }) => `mailto:${mint()}@corp.example`,
    ({ mint }) => `${mint()}@corp.xn--p1ai`,
    ({ mint }) => `"${mint()}@gmail.com"`,
    ({ mint }) => `${mint()}@corp.example:deploy`,
    ({ mint }) => `git@github.com:${mint()}/${mint()}.git`,
  ],
  'a path': [
    ({ mint }) => `/srv/clients/${mint()}`,
    ({ mint }) => `/${mint()}/${mint()}.gguf`,
    ({ mint }) => `(/opt/${mint()})`,
    ({ mint }) => `x=/etc/${mint()}`,
    ({ mint }) => `../${mint()}/${mint()}`,
    ({ mint }) => `./${mint()}/run.sh`,
    ({ mint }) => `/Volumes/${mint()} data/x`,
  ],
  'a path in a home': [
    ({ mint }) => `/home/${mint()}/bin/${mint()}`,
    ({ mint }) => `/Users/${mint()}/models/${mint()}.gguf`,
    ({ mint }) => `~/${mint()}/${mint()}`,
    ({ mint }) => `~${mint()}/models`,
    ({ mint }) => `$HOME/${mint()}`,
    ({ mint }) => `\${HOME}/${mint()}`,
  ],
  'a path without its root': [
    ({ mint }) => `home/${mint()}/x`,
    ({ mint }) => `Users/${mint()}/x`,
  ],
  'a path of Windows': [
    ({ mint }) => `C:\\Users\\${mint()}\\${mint()}.docx`,
    ({ mint }) => `D:/clients/${mint()}/model.gguf`,
    ({ mint }) => `e:\\${mint()}`,
    ({ mint }) => `%USERPROFILE%\\${mint()}`,
    ({ mint }) => `%APPDATA%/${mint()}`,
  ],
  'a path of a share': [
    ({ mint }) => `\\\\${mint()}\\share\\${mint()}`,
    ({ mint }) => `//${mint()}/share/${mint()}`,
    ({ mint }) => `\\\\?\\C:\\${mint()}`,
  ],
  'a file: URL': [
    ({ mint }) => `file:///srv/${mint()}/model.gguf`,
    ({ mint }) => `FILE:/srv/${mint()}`,
    ({ mint }) => `file://localhost/${mint()}`,
    ({ mint }) => `file:${mint()}`,
  ],
  'a URL': [
    ({ mint }) => `https://models.example/${mint()}`,
    ({ mint }) => `HTTP://${mint()}/x`,
    ({ mint }) => `ws://${mint()}:8080`,
    ({ mint }) => `ssh://${mint()}/x.git`,
    ({ mint }) => `www.${mint()}.com/${mint()}`,
  ],
  'a host': [
    ({ mint }) => `${mint()}.corp.example`,
    ({ mint }) => `db.${mint()}.internal:5432`,
    ({ mint }) => `${mint()}-laptop.local`,
    ({ mint }) => `${mint()}.svc.cluster.local`,
    ({ mint }) => `api.${mint()}.ch`,
    ({ mint }) => `BUILD7.${mint().toUpperCase()}.COM`,
    ({ mint }) => `${mint()}.co.jp`,
    ({ mint }) => `localhost:${mint()}`,
    ({ mint }) => `${mint()}.xn--p1ai`,
  ],
  'an IPv4 address': [
    ({ octet }) => `10.${octet()}.${octet()}.${octet()}`,
    ({ octet }) => `192.168.${octet()}.${octet()}:8080`,
    ({ octet }) => `172.16.${octet()}.${octet()}/24`,
    ({ octet }) => `ip-10-${octet()}-${octet()}-${octet()}`,
  ],
  'an IPv6 address': [
    ({ hex }) => `fe80::1${hex(3)}:1${hex(3)}`,
    ({ hex }) => `2001:db8:1${hex(3)}:1${hex(3)}:0:0:0:1`,
    ({ hex }) => `[2001:db8::1${hex(3)}]:443`,
    ({ octet }) => `::ffff:10.${octet()}.${octet()}.${octet()}`,
    ({ hex }) => `02:${hex(2)}:${hex(2)}:${hex(2)}:${hex(2)}:${hex(2)}`,
  ],
  'a UUID': [
    ({ hex }) => `1${hex(7)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    ({ hex }) => `1${hex(7)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`.toUpperCase(),
    ({ hex }) => `{1${hex(7)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}}`,
    ({ hex }) => `1${hex(31)}`,
    ({ hex }) => `urn:uuid:1${hex(7)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    ({ hex }) => `1${hex(39)}`,
  ],
  'a long number': [
    ({ digits }) => digits(12),
    ({ digits }) => `acct-${digits(9)}`,
    ({ digits }) => `+41 79 ${digits(3)} ${digits(2)} ${digits(2)}`,
    ({ digits }) => `${digits(4)} ${digits(4)} ${digits(4)} ${digits(4)}`,
    ({ digits }) => `${digits(4)}-${digits(4)}-${digits(4)}-${digits(4)}`,
    ({ digits }) => `(0${digits(2)}) ${digits(3)}-${digits(4)} ext ${digits(9)}`,
    ({ digits }) => `arn:aws:iam::${digits(12)}:role/x`,
    ({ digits }) => `${digits(3)},${digits(3)},${digits(3)},${digits(3)}`,
  ],
};

module.exports = { PRIVATE_TEXTS };
