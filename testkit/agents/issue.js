'use strict';

const { isEqual, wordsOf } = require('./report');

/** Rows that an issue contains at most; the rest is in the JSON of the run. */
const MOST_ROWS = 60;

/**
 * The text of an issue about a run in which something differs: the failing rows, what is new on the wire, and what
 * `ccxray-otel report --issue` says about the same runs.
 * @param {object} run `{outcomes, versions, host, unseen}`
 * @returns {string} Markdown; empty if nothing differs and nothing is new
 */
function issueOf({ outcomes, versions, host, unseen }) {
  const differing = outcomes.filter((outcome) => !isEqual(outcome));
  const fresh = Object.entries(unseen).flatMap(([label, words]) => words.map((word) => `${label}, ${word}`));
  if (differing.length === 0 && fresh.length === 0) return '';
  const rows = differing.flatMap(wordsOf).map((line) => line.split('\n')[0]);
  const reports = [...new Set(differing.map(({ drift }) => drift).filter(Boolean))];
  const named = Object.entries(versions).map(([label, version]) => `${label} ${version}`).join(', ');
  return [
    `\`npm run test:agents\` with ${named} through ${host}: ${differing.length} of ${outcomes.length} scenarios differ.`, '',
    ...section('Rows that differ', rows),
    ...section('Unseen on the wire', fresh),
    ...reports.flatMap((text) => ['### What was not recognised', '', text.trim(), '']),
  ].join('\n');
}

module.exports = { issueOf };

function section(heading, lines) {
  if (lines.length === 0) return [];
  const more = lines.length > MOST_ROWS ? [`- … and ${lines.length - MOST_ROWS} more`] : [];
  return [`### ${heading}`, '', ...lines.slice(0, MOST_ROWS).map((line) => `- ${line}`), ...more, ''];
}
