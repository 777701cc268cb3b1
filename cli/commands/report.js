'use strict';

const { linesOfReport } = require('../anomalies');
const { UsageError } = require('../errors');

const text = 'show which names and events were not recognised in the last days, and write an issue about them';
const options = {
  // Older anomalies are forgotten.
  days: { type: 'string', value: 'N', whole: [1, 30], text: 'how many days, 1 to 30 (default: 7)' },
  issue: { type: 'boolean', text: 'print the text of an issue to file, without the names' },
  samples: { type: 'boolean', text: 'with --issue or --json: the text of the issue contains the names. Some may be private' },
};

function run({ terminal, values, place, addon, called, help }) {
  const { days, samples, issue, json } = values;
  if (samples && !issue && !json) throw new UsageError('--samples needs --issue or --json.', help);
  const report = addon().report({ days, samples, env: place.env });
  if (json) terminal.json(report);
  else if (!issue) terminal.out(...linesOfReport(report, `${called} --issue`));
  else if (report.issue === '') terminal.err(...linesOfReport(report, `${called} --issue`));
  else terminal.out(...report.issue.trimEnd().split('\n'));
}

module.exports = { text, options, run };
