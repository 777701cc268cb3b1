/** The charts of the page, in their order. */

import { cacheRatio, costOverTime, todayAgainstWeek, tokensOverTime } from './cost.js';
import { errorsOverTime, latency, quota, stopReasons, timeToFirstToken } from './quality.js';
import { compactions, contextFill, ranked, unpricedAndDegraded } from './usage.js';

/**
 * Each chart has an id (its texts are `chart.<id>` and `chart.<id>.about`), a function, and perhaps a choice of what its
 * series are.
 */
export const GROUPS = [
  {
    id: 'cost',
    charts: [
      { id: 'cost', view: costOverTime, splits: ['model', 'project'], isWide: true },
      { id: 'tokens', view: tokensOverTime, splits: ['model', 'project', 'kind'], isWide: true },
      { id: 'today', view: todayAgainstWeek },
      { id: 'cache', view: cacheRatio },
    ],
  },
  {
    id: 'quality',
    charts: [
      { id: 'latency', view: latency },
      { id: 'ttft', view: timeToFirstToken },
      { id: 'errors', view: errorsOverTime },
      { id: 'stops', view: stopReasons },
      { id: 'quota', view: quota },
      { id: 'unpriced', view: unpricedAndDegraded },
      { id: 'context', view: contextFill },
      { id: 'compactions', view: compactions },
    ],
  },
  {
    id: 'usage',
    charts: [
      { id: 'tools', view: ranked('tools') },
      { id: 'servers', view: ranked('servers') },
      { id: 'skills', view: ranked('skills') },
      { id: 'agents', view: ranked('agents') },
      { id: 'modes', view: ranked('modes') },
      { id: 'dangerous', view: ranked('dangerous') },
    ],
  },
];
