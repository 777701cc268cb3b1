'use strict';

const catalog = require('./catalog');
const { callsOf } = require('./calls');
const { carriersOf } = require('./carriers');
const { agentOf, isSocket, isSubagent, kindOf, providerOf } = require('./kind');
const { commandsOf } = require('./request');
const { errorOf, eventsOf, hitMaxTokens, stopReasonOf, terminalOf, usageOf, wasCut } = require('./response');

/**
 * All facts about one entry that more than one metric needs.
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
    // The client sends the same request again, in another entry. The status of a socket is not that of the turn.
    isRejected: !isSocket(entry) && entry.status >= 400,
    provider: providerOf(entry),
    model: catalog.modelFamily(entry.model),
    usage: usageOf(entry, terminal),
    isSubagent: isSubagent(entry, agent),
    error: errorOf(entry, res, events),
    stopReason: stopReasonOf(entry, terminal),
    hitMaxTokens: hitMaxTokens(entry, terminal, res),
    isTruncated: wasCut(entry, events, terminal, kind),
  };
}

module.exports = { factsOf };
