'use strict';

/*
 * The texts that a script's structures stand for. A script contains no program text itself, so the allow-list can read all of it.
 */

/**
 * The JavaScript of one `exec` in code mode.
 * @param {object[]} calls blocks of a script: `{tool, input}` or `{patch}`
 * @returns {string}
 */
function programText(calls) {
  const lines = calls.map((call, i) => `const r${i} = await tools.${call.patch ? 'apply_patch' : call.tool}(${JSON.stringify(call.patch ? patchText(call.patch) : (call.input ?? {}))});`);
  return `${lines.join('\n')}\ntext("done");\n`;
}

/**
 * A patch.
 * @param {Record<string, string|null|[string, string]>} files by path: the content of a new file, the old and the new line of a
 *   changed one, or `null` for a file to delete
 * @returns {string}
 */
function patchText(files) {
  const hunks = Object.entries(files).map(([path, change]) => {
    if (change === null) return `*** Delete File: ${path}`;
    if (Array.isArray(change)) return `*** Update File: ${path}\n@@\n-${change[0]}\n+${change[1]}`;
    return `*** Add File: ${path}\n+${change}`;
  });
  return `*** Begin Patch\n${hunks.join('\n')}\n*** End Patch\n`;
}

module.exports = { programText, patchText };
