'use strict';

const { withRequests } = require('./changed');

module.exports = withRequests(({ messages, ...request }) => ({ ...request, ...(messages && { messages: messages.filter(({ role }) => role !== 'system') }) }));
