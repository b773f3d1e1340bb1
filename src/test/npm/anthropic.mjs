// One case with Anthropic's official npm client against the given base URL; prints one line of JSON that tells what it saw.
import Anthropic from '@anthropic-ai/sdk';

const [baseURL, name] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey: 'unused', maxRetries: 0, timeout: 20_000 });
const asked = { model: 'm', max_tokens: 99, messages: [{ role: 'user', content: 'hi' }] };

const cases = {
  stream: async () => {
    const saw = { tokens: [] };
    try {
      const stream = client.messages.stream(asked);
      stream.on('text', (text) => saw.tokens.push(text));
      const message = await stream.finalMessage();
      saw.stop = message.stop_reason;
      saw.usage = message.usage;
      saw.tools = message.content
        .filter(({ type }) => type === 'tool_use')
        .map(({ name, input }) => `${name}:${JSON.stringify(input)}`);
    } catch (error) {
      saw.error = told(error);
    }
    return saw;
  },
  whole: () => client.messages.create(asked),
  count: () => client.messages.countTokens({ model: 'm', messages: asked.messages }),
  beta: () => client.beta.messages.create({ ...asked, betas: ['a-2025-01-01'] }),
  models: async () => {
    const ids = [];
    for await (const model of client.models.list({ limit: 1 })) ids.push(model.id);
    return ids;
  },
  // Leaves at the third piece, and then lives on until its input ends: it is not its end that closes the connection.
  leave: async () => {
    const tokens = [];
    for await (const event of await client.messages.create({ ...asked, stream: true })) {
      if (event.type !== 'content_block_delta') continue;
      tokens.push(event.delta.text);
      if (tokens.length === 3) break;
    }
    for await (const _ of process.stdin);
    return { tokens };
  },
};

function told(error) {
  return {
    class: error.constructor.name,
    isApiError: error instanceof Anthropic.APIError,
    status: error.status ?? null,
    message: error.message,
  };
}

let saw;
try {
  saw = await cases[name]();
} catch (error) {
  saw = { error: told(error) };
}
console.log(JSON.stringify(saw));
