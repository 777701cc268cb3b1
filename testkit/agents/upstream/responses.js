'use strict';

/*
 * The events of the Responses API, the same over HTTP and over a WebSocket.
 */

const { patchText, programText } = require('./program');

/** Output items that are calls without a `call_id`. */
const WITHOUT_ID = new Set(['web_search_call']);

/**
 * @param {object} request the body or the frame
 * @param {object} answer of the script
 * @param {object} call
 * @param {number} call.n how many answers there were, this one included
 * @param {object|null} call.usage as the API reports it
 * @returns {object[]} the events of the answer, in their order
 */
function eventsOf(request, answer, { n, usage }) {
  const base = { id: `resp_scripted${n}`, object: 'response', model: answer.model ?? request.model, created_at: 1_780_000_000 };
  const items = (answer.blocks ?? []).map((block, k) => itemOf(block, `${n}_${k}`));
  const events = [{ type: 'response.created', response: { ...base, status: 'in_progress', output: [] } }];
  for (const [index, item] of items.entries()) events.push(...itemEvents(item, index));
  const status = statusOf(answer);
  if (status) events.push({ type: `response.${status}`, response: { ...base, status, output: items, usage, ...answer.extra } });
  for (const [sequence, event] of events.entries()) event.sequence_number = sequence;
  return events;
}

/** @returns {string|undefined} how the response ends; `undefined` if it does not */
function statusOf({ status = 'completed', end }) {
  return end === undefined ? status : undefined;
}

module.exports = { eventsOf, statusOf };

function itemOf(block, id) {
  const fields = fieldsOf(block);
  const isCall = fields.type.endsWith('_call') && !WITHOUT_ID.has(fields.type);
  return { id: `item_${id}`, status: 'completed', ...(isCall && { call_id: `call_scripted${id}` }), ...fields };
}

function fieldsOf(block) {
  if (block.text !== undefined) return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: block.text, annotations: [] }] };
  if (block.reasoning !== undefined) return { type: 'reasoning', summary: [{ type: 'summary_text', text: block.reasoning }], encrypted_content: 'bWFkZSB1cA==' };
  if (block.search !== undefined) return { type: 'web_search_call', action: { type: 'search', query: block.search } };
  if (block.compaction !== undefined) return { type: 'compaction', encrypted_content: block.compaction };
  if (block.program) return { type: 'custom_tool_call', name: 'exec', input: programText(block.program) };
  if (block.patch) return { type: 'custom_tool_call', name: 'apply_patch', input: patchText(block.patch) };
  const { tool, namespace, input = {} } = block;
  return { type: 'function_call', name: tool, ...(namespace && { namespace }), arguments: JSON.stringify(input) };
}

function itemEvents(item, index) {
  const at = { item_id: item.id, output_index: index };
  return [
    { type: 'response.output_item.added', output_index: index, item: { ...item, status: 'in_progress' } },
    ...deltasOf(item, at),
    { type: 'response.output_item.done', output_index: index, item },
  ];
}

function deltasOf(item, at) {
  if (item.type === 'message') return [{ type: 'response.output_text.delta', ...at, content_index: 0, delta: item.content[0].text }];
  if (item.type === 'custom_tool_call') return [{ type: 'response.custom_tool_call_input.delta', ...at, delta: item.input }];
  if (item.type !== 'function_call') return [];
  return [
    { type: 'response.function_call_arguments.delta', ...at, delta: item.arguments },
    { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments },
  ];
}
