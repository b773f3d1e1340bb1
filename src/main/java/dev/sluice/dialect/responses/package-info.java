/** The dialect of OpenAI's Responses API: requests, events and errors, and their translation for the client. */
@NullMarked
package dev.sluice.dialect.responses;

import org.jspecify.annotations.NullMarked;
