/** The dialect of Anthropic's Messages: requests, events, errors and models, and their translation for the client. */
@NullMarked
package dev.sluice.dialect.anthropic;

import org.jspecify.annotations.NullMarked;
