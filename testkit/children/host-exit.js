'use strict';

// Starts the host module twice, and exits with a code of its own.

const host = require('../../host');

const { state } = host.init();
host.init();
process.exit(state === 'disabled' && process.listeners('exit').length === 1 ? 3 : 1);
