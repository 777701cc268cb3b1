'use strict';

const fs = require('node:fs');
const path = require('node:path');

const KEY = 'sk-ant-api03-made-up-key-for-the-scripted-upstream-0123456789';
/** What Claude Code keeps of a key to know that its use was approved. */
const KEY_END = 20;
const MODEL = 'claude-opus-4-8';
/** What the terminal shows once a message can be typed. */
const READY = /\? for shortcuts|shift\+tab to cycle|⏵⏵|plan mode on|⏸|Try "|\/effort|^❯/m;

/** Claude Code, from the npm registry. */
module.exports = {
  name: 'claude',
  label: 'Claude Code',
  package: '@anthropic-ai/claude-code',

  /**
   * @param {string} folder in which the package is installed
   * @returns {string[]} the program and its first arguments
   */
  program(folder) {
    const own = path.join(folder, 'node_modules', '@anthropic-ai');
    const native = fs.readdirSync(own).filter((name) => name.startsWith('claude-code-')).map((name) => path.join(own, name, 'claude'));
    const found = native.find((file) => fs.existsSync(file));
    return found ? [found] : [process.execPath, path.join(own, 'claude-code', 'cli.js')];
  },

  /**
   * Writes what a user would have answered at the first start.
   * @param {object} place `{home, project, url}`
   * @param {object} options of a scenario: `settings`, `mcp`, `skills`, `agents`, `commands`, `env`
   * @returns {Record<string, string>} the environment of the client
   */
  prepare({ home, project, url, mcpServer }, { settings = {}, mcp = [], skills = [], agents = [], commands = [], env = {} } = {}) {
    const servers = Object.fromEntries(mcp.map((name) => [name, { type: 'stdio', command: process.execPath, args: [mcpServer, name] }]));
    const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true, projectOnboardingSeenCount: 9, allowedTools: [], mcpServers: servers };
    const state = {
      hasCompletedOnboarding: true,
      lastOnboardingVersion: '9.9.9',
      numStartups: 9,
      theme: 'dark',
      bypassPermissionsModeAccepted: true,
      effortCalloutDismissed: true,
      customApiKeyResponses: { approved: [KEY.slice(-KEY_END)], rejected: [] },
      projects: { [project]: trusted },
    };
    writeIn(home, '.claude.json', JSON.stringify(state));
    // The mode auto asks a classifier of the vendor's, which the scripted upstream is not.
    const { permissions, ...other } = settings;
    const own = { skipDangerousModePermissionPrompt: true, skipAutoPermissionPrompt: true, permissions: { disableAutoMode: 'disable', ...permissions } };
    writeIn(home, '.claude/settings.json', JSON.stringify({ ...own, ...other }));
    for (const { name, text } of skills) writeIn(project, `.claude/skills/${name}/SKILL.md`, `---\nname: ${name}\ndescription: ${text}\n---\n${text}\n`);
    for (const { name, text, model } of agents) writeIn(project, `.claude/agents/${name}.md`, `---\nname: ${name}\ndescription: ${text}\n${model ? `model: ${model}\n` : ''}---\n${text}\n`);
    for (const { name, text } of commands) writeIn(project, `.claude/commands/${name}.md`, `${text} $ARGUMENTS\n`);
    return {
      HOME: home,
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: KEY,
      CLAUDE_CODE_TMPDIR: path.join(home, 'tmp'),
      // The namespace is a sandbox: without this, root may not leave out the questions for permission.
      IS_SANDBOX: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_BUG_COMMAND: '1',
      CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: '1',
      ...env,
    };
  },

  /** @returns {string[]} the arguments for one prompt without a terminal */
  headless: (prompt, flags) => ['-p', prompt, ...withModel(flags)],

  /** @returns {string[]} the arguments for a terminal */
  terminal: (flags) => withModel(flags),

  questions: [],

  /** Whether the terminal shows that a message can be typed. */
  isReady: (screen) => READY.test(screen),
};

function withModel(flags) {
  return flags.includes('--model') ? flags : ['--model', MODEL, ...flags];
}

function writeIn(folder, name, text) {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
