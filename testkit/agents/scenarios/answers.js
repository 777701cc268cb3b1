'use strict';

/*
 * The answers of scripts. They are data, so that the allow-list can read all of them before anything starts.
 */

/** An answer that is a text. `more`: see the fields that `upstream/messages.js` and `upstream/responses.js` read. */
function text(words, more) {
  return { blocks: [{ text: words }], ...more };
}

/** An answer of these blocks. */
function calls(...blocks) {
  return { blocks };
}

/** A call of a tool. `namespace` is for the Responses API. */
function tool(name, input = {}, namespace = undefined) {
  return { tool: name, input, ...(namespace && { namespace }) };
}

/** The program of an `exec` in code mode, which makes these calls. */
function program(...blocks) {
  return { program: blocks };
}

/** A patch; see `upstream/program.js`. */
function patch(files) {
  return { patch: files };
}

/** An error. */
function http(status, type, more) {
  return { http: { status, type, ...more } };
}

/** Other answers to the first attempts at the same request; the last one is for all further attempts. */
function attempts(...answers) {
  return { attempts: answers };
}

module.exports = { text, calls, tool, program, patch, http, attempts };
