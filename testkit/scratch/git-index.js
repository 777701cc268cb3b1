'use strict';

const { createHash } = require('node:crypto');

const ENTRY_BYTES = 62;
const REGULAR_FILE = 0o100644;

/**
 * An index of git, version 2, as large as one of a large repository.
 * @param {number} entries how many files it lists: each takes 80 bytes
 * @returns {Buffer}
 */
function gitIndex(entries) {
  const header = Buffer.from('DIRC\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(entries, 8);
  const listed = Array.from({ length: entries }, (_, i) => {
    const name = `f${String(i).padStart(9, '0')}`;
    const entry = Buffer.alloc((ENTRY_BYTES + name.length + 8) & ~7);
    entry.writeUInt32BE(REGULAR_FILE, 24);
    entry.writeUInt16BE(name.length, 60);
    entry.write(name, ENTRY_BYTES);
    return entry;
  });
  const content = Buffer.concat([header, ...listed]);
  return Buffer.concat([content, createHash('sha1').update(content).digest()]);
}

module.exports = { gitIndex };
