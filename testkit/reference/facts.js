'use strict';

const label = require('./catalog');
const { callsOf } = require('./calls');
const { carriersOf } = require('./carriers');
const { agentOf, isSocket, isSubagent, kindOf, providerOf } = require('./kind');
const { commandsOf } = require('./request');
const { errorOf, eventsOf, hitMaxTokens, stopReasonOf, terminalOf, usageOf, wasCut } = require('./response');

/**
 * Everything about one entry that more than one metric needs.
 * @param {{entry: object, res?: *, req?: *, headers: object}} record
 * @returns {object}
 */
function factsOf({ entry, res, req, headers, broken }) {
  const events = eventsOf(res);
  const terminal = terminalOf(entry, events);
  const agent = agentOf(entry, req);
  const kind = kindOf(entry, req, res, agent);
  const carriers = carriersOf(entry, events, res);
  return {
    entry,
    res,
    req,
    headers,
    broken,
    events,
    terminal,
    agent,
    kind,
    carriers,
    ...callsOf(entry, carriers, res),
    commands: commandsOf(req),
    isSocket: isSocket(entry),
    // The client asks again, and that entry has the same request; a socket's status is not that of the turn.
    isRefused: !isSocket(entry) && entry.status >= 400,
    provider: providerOf(entry),
    model: label.modelFamily(entry.model),
    usage: usageOf(entry, terminal),
    isSubagent: isSubagent(entry, agent),
    error: errorOf(entry, res, events),
    stopSaid: stopReasonOf(entry, terminal),
    hitMaxTokens: hitMaxTokens(entry, terminal, res),
    isTruncated: wasCut(entry, events, terminal, kind),
  };
}

module.exports = { factsOf };
