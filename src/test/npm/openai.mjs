// One case with npm's official client against the given base URL; prints one line of JSON that tells what it saw.
import OpenAI from 'openai';

const [baseURL, name, argument] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'unused', maxRetries: 0, timeout: 20_000 });
const asked = { model: 'test', messages: [{ role: 'user', content: 'hi' }] };

const cases = {
  stream: () => collect({}),
  'stream-with-usage': () => collect({ stream_options: { include_usage: true } }),
  whole: () => client.chat.completions.create(asked),
  tools: async () => {
    const stream = client.chat.completions.stream(asked);
    const completion = await stream.finalChatCompletion();
    const [choice] = completion.choices;
    return { finish: choice.finish_reason, tools: choice.message.tool_calls };
  },
  'leave-by-break': () => leave(false),
  'leave-by-abort': () => leave(true),
  response: () => response(false),
  'response-leave': () => response(true),
  'response-whole': () => client.responses.create({ model: 'test', input: 'hi' }),
  'response-final': async () => {
    const stream = client.responses.stream({ model: 'test', input: 'hi' });
    const { output_text, output, usage } = await stream.finalResponse();
    return { text: output_text, calls: output.filter(item => item.type === 'function_call'), usage };
  },
  models: async () => {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return ids;
  },
  model: () => client.models.retrieve(argument),
};

async function collect(more) {
  const saw = { tokens: [], finish: null, usage: [], withoutChoices: 0 };
  try {
    for await (const chunk of await client.chat.completions.create({ ...asked, ...more, stream: true })) {
      const [choice] = chunk.choices;
      if (!choice) saw.withoutChoices++;
      if (choice?.delta.content) saw.tokens.push(choice.delta.content);
      if (choice?.finish_reason) saw.finish = choice.finish_reason;
      if (chunk.usage) saw.usage.push(chunk.usage);
    }
  } catch (error) {
    saw.error = told(error);
  }
  return saw;
}

// Leaves at the third token, and then lives on until its input ends: it is not its end that closes the connection.
async function leave(byAbort) {
  const tokens = [];
  const stream = await client.chat.completions.create({ ...asked, stream: true });
  for await (const chunk of stream) {
    // After an abort the client still hands out what it had read by then.
    if (stream.controller.signal.aborted) continue;
    tokens.push(chunk.choices[0].delta.content);
    if (tokens.length < 3) continue;
    if (!byAbort) break;
    stream.controller.abort();
  }
  for await (const _ of process.stdin);
  return { tokens };
}

// The events of a response; or the first three pieces of its text, after which the client leaves.
async function response(leaves) {
  const saw = { types: [], text: [] };
  try {
    for await (const event of await client.responses.create({ model: 'test', input: 'hi', stream: true })) {
      saw.types.push(event.type);
      if (event.type === 'response.output_text.delta') saw.text.push(event.delta);
      if (leaves && saw.text.length === 3) break;
    }
  } catch (error) {
    saw.error = told(error);
  }
  if (leaves) for await (const _ of process.stdin);
  return saw;
}

function told(error) {
  const { status, code, type, param, message } = error;
  return {
    class: error.constructor.name,
    isApiError: error instanceof OpenAI.APIError,
    exported: OpenAI[error.constructor.name] === error.constructor,
    status: status ?? null,
    code: code ?? null,
    type: type ?? null,
    param: param ?? null,
    message,
  };
}

let saw;
try {
  saw = await cases[name]();
} catch (error) {
  saw = { error: told(error) };
}
console.log(JSON.stringify(saw));
