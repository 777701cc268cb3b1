'use strict';

/*
 * A client of the fake hub, in a process of its own: it leaves its settings for the hub, says so, and runs until it is told to
 * end. `{command: 'leave'}` over IPC ends it in the normal way.
 */

const { Host } = require('../../host/host');

const { addon } = JSON.parse(process.argv[2]);

new Host(() => require(addon)).client();
process.on('message', () => process.exit(0));
process.send({ ready: true });
