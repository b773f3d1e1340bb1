/** The dialect of OpenAI's chat completions: requests, chunks and errors, and their translation for the client. */
@NullMarked
package dev.sluice.dialect.openai;

import org.jspecify.annotations.NullMarked;
