'use strict';

const fs = require('node:fs');
const path = require('node:path');

const KEY = 'sk-proj-made-up-key-for-the-scripted-upstream';
const MODEL = 'gpt-5.5';
/** Questions before the first message, and the keys that answer them. */
const QUESTIONS = [[/Use existing model/, ['2']]];
/** What the terminal shows once a message can be typed. */
const READY = /^\s*[›❯>] (?!\d\.)[\s\S]*(?: · |context left|% left)/m;

/** Codex, from the npm registry. */
module.exports = {
  name: 'codex',
  label: 'Codex',
  package: '@openai/codex',

  /**
   * @param {string} folder in which the package is installed
   * @returns {string[]} the program and its first arguments
   */
  program: (folder) => [process.execPath, path.join(folder, 'node_modules', '@openai', 'codex', 'bin', 'codex.js')],

  /**
   * Writes what a user would have answered at the first start.
   * @param {object} place `{home, project, url}`
   * @param {object} options of a scenario: `sockets` (the built-in provider, which speaks WebSocket), `mcp`, `config` (lines of
   *   TOML), `agents`, `env`
   * @returns {Record<string, string>} the environment of the client
   */
  prepare({ home, project, url, mcpServer }, { sockets = false, mcp = [], config = [], env = {} } = {}) {
    const provider = sockets
      ? [`openai_base_url = "${url}/v1"`]
      : ['model_provider = "scripted"'];
    const tables = sockets ? [] : ['[model_providers.scripted]', 'name = "scripted"', `base_url = "${url}/v1"`, 'wire_api = "responses"', 'env_key = "OPENAI_API_KEY"', 'requires_openai_auth = false'];
    const servers = mcp.flatMap((name) => [`[mcp_servers.${name}]`, `command = "${process.execPath}"`, `args = ["${mcpServer}", "${name}"]`, 'default_tools_approval_mode = "approve"']);
    const folder = path.join(home, '.codex');
    fs.mkdirSync(folder, { recursive: true });
    const own = config.filter((line) => !line.startsWith('['));
    const ownTables = config.filter((line) => line.startsWith('[')).map((line) => line.replace('] ', ']\n'));
    const lines = [
      'check_for_update_on_startup = false', ...provider, ...own,
      '[analytics]', 'enabled = false', '[tui]', 'animations = false', '[feedback]', 'enabled = false', '[notice]', 'hide_full_access_warning = true', 'hide_rate_limit_model_nudge = true',
      `[projects."${project}"]`, 'trust_level = "trusted"', ...tables, ...servers, ...ownTables,
    ];
    fs.writeFileSync(path.join(folder, 'config.toml'), `${lines.join('\n')}\n`);
    fs.writeFileSync(path.join(folder, 'auth.json'), JSON.stringify({ OPENAI_API_KEY: KEY }));
    return { HOME: home, CODEX_HOME: folder, OPENAI_API_KEY: KEY, CODEX_API_KEY: KEY, ...env };
  },

  /** @returns {string[]} the arguments for one prompt without a terminal. `{before}` stands in front of the prompt */
  headless: (prompt, flags) => ['exec', '--skip-git-repo-check', ...withModel(flags), ...(prompt === '' ? [] : [prompt])],

  /** @returns {string[]} the arguments for a terminal */
  terminal: (flags) => withModel(flags),

  questions: QUESTIONS,

  /** Whether the terminal shows that a message can be typed. */
  isReady: (screen) => READY.test(screen) && !QUESTIONS.some(([question]) => question.test(screen)),
};

function withModel(flags) {
  return flags.includes('-m') ? flags : ['-m', MODEL, ...flags];
}
