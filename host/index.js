'use strict';
// What a host needs to send metrics about the turns that it serves. `index.d.ts` documents it.

const { Host } = require('./host');
const { hostProgram, useProgram } = require('./program');

const host = new Host(() => require('..'), () => useProgram(hostProgram(process)));

module.exports.init = (options) => host.init(options);
module.exports.client = (options) => host.client(options);
module.exports.arrived = (request, context) => host.arrived(request, context);
module.exports.turn = (context, line, turn) => host.turn(context, line, turn);
module.exports.status = (cwd) => host.status(cwd);
module.exports.shutdown = () => host.shutdown();
module.exports.command = (argv, io) => require('./command').command(argv, io);
