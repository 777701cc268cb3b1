'use strict';

/** What Codex was told that it may do. */

const { lineAt, lineStart, LINE_LIMIT } = require('./text');

const PERMISSIONS = '<permissions instructions>';
/** What names the policy in Codex's permissions. */
const POLICY_WORDS = ['`sandbox_mode` is `', 'Approval policy is ', '`approval_policy` is `', '`approvals_reviewer` is `', '# Escalation Requests'];
/** Longest permissions that are searched, and how much of their beginning is kept. */
const PERMISSIONS_LIMIT = 16_384;
const RULES_LIMIT = 1024;
const COLLABORATION = '<collaboration_mode>';

function permissionsOf(text) {
  const start = text.indexOf(PERMISSIONS);
  if (start < 0) return undefined;
  const rules = text.slice(start, start + PERMISSIONS_LIMIT);
  if (rules.length <= RULES_LIMIT) return rules;
  let kept = rules.slice(0, RULES_LIMIT);
  for (const mark of POLICY_WORDS) {
    const at = rules.indexOf(mark, RULES_LIMIT);
    if (at >= 0) kept += `\n${lineAt(rules, at)}`;
  }
  return kept;
}

/** The newest collaboration mode of a text that begins a line with it. */
function modeOf(text) {
  let found;
  for (let at = text.indexOf(COLLABORATION); at >= 0; at = text.indexOf(COLLABORATION, at + 1)) {
    const start = lineStart(text, at);
    if (start >= 0 && text.slice(start, at).trim() === '') found = at;
  }
  return found === undefined ? undefined : text.slice(found, found + LINE_LIMIT);
}

module.exports = { permissionsOf, modeOf };
