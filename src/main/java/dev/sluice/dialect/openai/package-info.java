/** OpenAI's chat completions: requests, chunks, errors, and their way to the client. */
@NullMarked
package dev.sluice.dialect.openai;

import org.jspecify.annotations.NullMarked;
