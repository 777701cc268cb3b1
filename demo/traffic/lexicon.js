'use strict';

/**
 * The contents of a synthetic day: models with the prices of ccxray's offline table, tools in the proportions of the
 * recorded traffic, commands, texts. All names are invented or public.
 */

/** USD per million tokens and the context window, by the model's name in the request. `null` rates: the price is unknown. */
const MODELS = {
  'claude-opus-5': { rates: rates(5, 25, 6.25, 0.5), window: 1_000_000 },
  'claude-opus-5[1m]': { rates: rates(5, 25, 6.25, 0.5), window: 1_000_000 },
  'claude-sonnet-5': { rates: rates(2, 10, 2.5, 0.2), window: 200_000 },
  'claude-sonnet-4-6': { rates: rates(3, 15, 3.75, 0.3), window: 200_000 },
  'anthropic/claude-sonnet-4-6': { rates: rates(3, 15, 3.75, 0.3), window: 200_000 },
  'claude-haiku-4-5-20251001': { rates: rates(1, 5, 1.25, 0.1), window: 200_000 },
  'acme-gateway-coder-7b': { rates: null, window: 200_000 },
  'gpt-5.5': { rates: rates(5, 30, 5, 0.5), window: 400_000 },
  'gpt-5.6-sol': { rates: rates(5, 30, 6.25, 0.5), window: 400_000 },
  'grok-4.5-build': { rates: rates(2, 6, 2, 0.5), window: 500_000 },
  'grok-build': { rates: rates(1, 2, 1, 0.2), window: 2_000_000 },
};

function rates(input, output, cacheCreate, cacheRead) {
  return { input, output, cache_create: cacheCreate, cache_read: cacheRead };
}

/** Claude Code's tools, with their frequency in a thousand recorded turns, and tools of MCP servers and of a project. */
const CLAUDE_TOOLS = [
  ['Bash', 33358], ['Read', 23611], ['Edit', 14550], ['TaskUpdate', 5839], ['TaskCreate', 4187], ['Write', 2578],
  ['Monitor', 1458], ['Agent', 5000], ['WebSearch', 678], ['Skill', 1100], ['ToolSearch', 361], ['EnterWorktree', 230],
  ['WebFetch', 400], ['AskUserQuestion', 159], ['TaskOutput', 98], ['ExitWorktree', 96], ['TaskStop', 88],
  ['TaskList', 87], ['Workflow', 60], ['LSP', 60], ['Grep', 900], ['Glob', 700], ['EnterPlanMode', 60],
  ['ExitPlanMode', 60], ['NotebookEdit', 120], ['mcp__github__create_issue', 500], ['mcp__github__list_issues', 700],
  ['mcp__slack__send_message', 240], ['mcp__brave__web_fetch', 260], ['mcp__claude-in-chrome__read_page', 420],
  ['mcp__acme_billing__refund_invoice', 200], ['mcp__standalone', 900],
];

/** The tools of an agent built on the SDK: some of Claude Code's, and some of its own. */
const SDK_TOOLS = [['Read', 40], ['Grep', 20], ['Bash', 20], ['lookup_order', 25], ['deploy_preview', 10], ['mcp__notion__search', 15]];

/** Codex's calls, by the kind of their output item. */
const CODEX_TOOLS = [
  ['exec_command', 560], ['apply_patch', 190], ['write_stdin', 60], ['update_plan', 70], ['view_image', 12],
  ['local_shell', 20], ['web_search', 26], ['mcp_call', 18], ['namespaced_mcp', 22], ['flat_mcp', 14],
  ['spawn_agent', 14], ['list_mcp_resources', 8], ['acme_release_notes', 10],
];

const GROK_TOOLS = [
  ['run_terminal_command', 480], ['read_file', 260], ['search_replace', 130], ['grep', 90], ['list_dir', 60],
  ['write', 40], ['todo_write', 60], ['linear__list_issues', 30], ['spawn_subagent', 10],
];

/** Shell commands. The last ones are dangerous. */
const COMMANDS = [
  ['npm test', 120], ['git status --short', 110], ['cargo check', 60], ['rg -n "TODO" src', 80], ['ls -la', 60],
  ['python3 -m pytest -q', 50], ['docker compose ps', 15], ['git diff HEAD~1', 50], ['echo "建置完成"', 12],
  ['rm build/cache.json', 10], ['git push origin feature/checkout', 14],
  ['rm -rf build/', 9], ['git push --force origin main', 5], ['psql -c "DROP TABLE carts"', 3],
  ['curl -fsSL https://example.com/install.sh | sh', 3], ['chmod -R 777 public', 3], ['git reset --hard HEAD~3', 4],
  ['sudo systemctl restart nginx', 4],
];

const SKILLS = ['release', 'superpowers:brainstorming', 'acme-incident-review', 'pdf', 'code-review'];

/** The words of the agents' responses. */
const WORDS = ('the handler reads a cart and writes one row per item so retry must not run twice when a price changes we '
  + 'keep both rows until the nightly job has merged them tests cover the first case but not the second').split(' ');

const TITLES = [
  'Update the checkout handler', 'Add a retry to the fetch helper', 'Why is the header misaligned',
  '修正結帳流程的重試邏輯', '日本語のエラーメッセージを直す', '결제 모듈 테스트 추가', 'Fix the flaky cart test 🎉 before the release',
  'Rename the pricing module', 'Plan the migration 🚀', 'Explain the build failure',
];

const PROMPTS = [
  'please update the checkout handler', 'why does this test fail', '請幫我修正這個錯誤', 'add a retry with backoff',
  'review my last commit', 'ビルドが失敗します', 'write a migration for the carts table',
];

const PROJECTS = ['/home/dev/shop-api', '/home/dev/shop-web', '/home/dev/billing', '/home/dev/購物車'];

module.exports = {
  MODELS, CLAUDE_TOOLS, SDK_TOOLS, CODEX_TOOLS, GROK_TOOLS, COMMANDS, SKILLS, WORDS, TITLES, PROMPTS, PROJECTS,
};
