'use strict';

/** The clients that can be driven, by name. docs/agents.md says how to add one. */
module.exports = { claude: require('./claude'), codex: require('./codex') };
