package dev.sluice.dialect;

import dev.sluice.relay.Upstream;
import java.util.function.Supplier;

/**
 * A call for the answer to a prompt of {@code /chat}.
 *
 * @param answersIn the dialect of the provider that answers; called by the stream's thread, not before something of the
 *     answer has come, because only then it is certain which provider answers
 */
public record PromptCall(Upstream upstream, Supplier<ChatDialect> answersIn) {}
