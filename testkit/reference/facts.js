'use strict';

const catalog = require('./catalog');
const { callsOf } = require('./calls');
const { carriersOf } = require('./carriers');
const { senderOf } = require('./client');
const { errorOf } = require('./error');
const { agentOf, isSocket, isSubagent, kindOf, providerOf, sessionOf } = require('./kind');
const { commandsOf } = require('./request');
const { eventsOf, hitMaxTokens, stopReasonOf, terminalOf, wasCut } = require('./response');
const { turnMetadata } = require('./turn-metadata');
const { usageOf } = require('./usage');
const { windowOf } = require('./window');

/**
 * All facts about one entry that more than one metric needs.
 * @param {object} record see record.js
 * @returns {object}
 */
function factsOf({ entry, res, req, headers, requestHeaders, broken }) {
  const events = eventsOf(res);
  const terminal = terminalOf(entry, events);
  const stopReason = stopReasonOf(entry, events, terminal);
  const metadata = turnMetadata(req, requestHeaders, isSocket(entry));
  const sender = senderOf(entry, req, requestHeaders, metadata);
  const agent = agentOf(entry, req);
  const kind = kindOf(entry, req, res, agent, sender);
  const read = { entry, res, req, events, terminal, stopReason };
  const carriers = carriersOf(read);
  const usage = usageOf(read);
  return {
    ...read,
    headers,
    broken,
    metadata,
    agent,
    kind,
    carriers,
    ...callsOf(entry, carriers, res),
    commands: commandsOf(req),
    session: sessionOf(entry, requestHeaders),
    isSocket: isSocket(entry),
    // The client sends the same request again, in another entry. The status of a socket is not that of the turn.
    isRejected: !isSocket(entry) && entry.status >= 400,
    provider: providerOf(entry),
    model: catalog.modelFamily(entry.model),
    usage,
    window: windowOf(entry, usage?.context),
    isSubagent: isSubagent(entry, agent, sender),
    error: errorOf(entry, res, events),
    hitMaxTokens: hitMaxTokens(entry, stopReason, terminal, res),
    isTruncated: wasCut(entry, events, terminal, kind),
  };
}

module.exports = { factsOf };
