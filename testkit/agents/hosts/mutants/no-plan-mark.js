'use strict';

const { withRequests } = require('./changed');

module.exports = withRequests((request) => JSON.parse(JSON.stringify(request).replaceAll('Plan mode is', 'Something is')));
