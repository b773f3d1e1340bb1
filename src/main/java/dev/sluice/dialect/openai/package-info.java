/**
 * The dialects of OpenAI that have the same chunks, usage and errors: chat completions, the older completions, and
 * embeddings. Requests, chunks and errors, and their translation for the client.
 */
@NullMarked
package dev.sluice.dialect.openai;

import org.jspecify.annotations.NullMarked;
