'use strict';

/*
 * Prints the version of Node, and the state of an addon that was only loaded, as JSON:
 *
 *     node version.js
 */

const addon = require('../..');

process.stdout.write(JSON.stringify({ version: process.versions.node, state: addon.status().state }));
