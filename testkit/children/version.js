'use strict';

/*
 * Prints the Node that runs it, and the state of an addon that was only loaded, as JSON:
 *
 *     node version.js
 */

const addon = require('../..');

process.stdout.write(JSON.stringify({ version: process.versions.node, state: addon.status().state }));
