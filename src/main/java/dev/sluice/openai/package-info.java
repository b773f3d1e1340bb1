/** The chat-completions dialect: requests, chunks and error shapes. */
@NullMarked
package dev.sluice.openai;

import org.jspecify.annotations.NullMarked;
