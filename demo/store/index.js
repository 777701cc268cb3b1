'use strict';

const { mergeHistograms, quantile } = require('./histogram');
const { MetricStore } = require('./metric-store');

module.exports = { MetricStore, mergeHistograms, quantile };
