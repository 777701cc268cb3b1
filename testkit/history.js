'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * Writes turns as ccxray's logs: an index, and for each turn the files of its request and its response.
 * @param {string} directory is made if it is missing
 * @param {{line: string, parts?: {request?: string, response?: string}}[]} turns
 */
function writeLogs(directory, turns) {
  fs.mkdirSync(directory, { recursive: true });
  const lines = turns.map(({ line, parts = {} }) => {
    for (const [part, name] of [['request', 'req'], ['response', 'res']]) {
      if (parts[part] !== undefined) fs.writeFileSync(path.join(directory, `${JSON.parse(line).id}_${name}.json`), parts[part]);
    }
    return `${line}\n`;
  });
  fs.appendFileSync(path.join(directory, 'index.ndjson'), lines.join(''));
}

module.exports = { writeLogs };
