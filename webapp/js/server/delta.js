/**
 * What one choice of a chunk adds to an answer, in the order in which it is told. It is read as the server reads it: text
 * may come as a list of parts (Mistral), thoughts in one field or in two that say the same.
 *
 * @param {any} delta of a server that may have sent anything
 * @returns {{reasoning: string, text: string, toolCalls: ToolCallPiece[]}}
 *
 * @typedef {{index: ?number, id: string, name: string, arguments: string, whole: boolean}} ToolCallPiece one piece of a
 *   call; the index is null where none came that could be one; `whole` says that the arguments are all there are
 */
export function piecesOf(delta) {
  if (!isObject(delta)) {
    return { reasoning: '', text: '', toolCalls: [] };
  }
  const parts = Array.isArray(delta.content) ? delta.content.filter(isObject) : [];
  const texts = parts.length > 0 ? textOf(parts) : text(delta.content);
  return {
    reasoning: thought(delta) + parts.map(({ thinking }) => textOf(thinking)).join(''),
    text: texts + text(delta.refusal),
    toolCalls: toolCalls(delta),
  };
}

/** Some servers say each thought twice, in `reasoning` and in `reasoning_content`: it counts once. */
function thought(delta) {
  const [one, other] = [text(delta.reasoning_content), text(delta.reasoning)];
  return one === other ? one : one + other;
}

function toolCalls(delta) {
  const calls = Array.isArray(delta.tool_calls) ? delta.tool_calls.filter(isObject).map(toolCall) : [];
  if (isObject(delta.function_call)) {
    // The way before `tool_calls`: there is one call at most, and its pieces have neither index nor id.
    calls.push({ ...called(delta.function_call), index: 0, id: '' });
  }
  return calls;
}

function toolCall(call) {
  const { index, id } = call;
  return {
    ...called(isObject(call.function) ? call.function : isObject(call.custom) ? call.custom : {}),
    index: Number.isSafeInteger(index) && index >= 0 ? index : null,
    id: text(id) || (typeof id === 'number' ? String(id) : ''),
  };
}

function called({ name, arguments: given, input }) {
  const whole = isObject(given) || Array.isArray(given);
  return { name: text(name), arguments: whole ? JSON.stringify(given) : text(given) || text(input), whole };
}

function textOf(parts) {
  return Array.isArray(parts) ? parts.map((part) => (isObject(part) ? text(part.text) : '')).join('') : '';
}

function text(value) {
  return typeof value === 'string' ? value : '';
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
