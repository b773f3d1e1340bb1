package dev.sluice.dialect.anthropic;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.TextTranslator;
import dev.sluice.sse.SseEncoder;

/**
 * Translates the events of a message to the plain events of {@code /chat}. The text of an ordinary piece is copied from the
 * provider's bytes to the client's. Only other events are parsed. Guarded by the stream's thread.
 */
final class MessageTextTranslator extends TextTranslator {
    private final DeltaGlance glance = new DeltaGlance();
    private final EventReader reader = new EventReader();

    MessageTextTranslator(AnswerContext context, boolean wantsReasoning) {
        super(context, wantsReasoning);
    }

    @Override
    protected Meaning event(SseEncoder out) {
        return switch (EventType.of(decoder)) {
            case BLOCK_DELTA -> delta(out);
            case BLOCK_START -> blockStart(out);
            case MESSAGE_START -> parsed() ? counted() : unreadable();
            case MESSAGE_DELTA -> messageDelta(out);
            case MESSAGE_STOP -> Meaning.WHOLE;
            case ERROR -> fail(AnthropicError.ofEvent(errorInEvent()));
            case OTHER -> Meaning.LIFE;
            case NONE -> fail(AnthropicError.ofEvent(errorInEvent()));
        };
    }

    @Override
    protected boolean isLastWord() {
        return MessageEnd.isIn(decoder);
    }

    private Meaning delta(SseEncoder out) {
        boolean told =
                switch (glance.at(decoder.data(), decoder.dataOffset(), decoder.dataLength())) {
                    case TEXT -> contentAsItLies(glance.textOffset(), glance.textEnd(), out);
                    case THINKING -> reasoningAsItLies(glance.textOffset(), glance.textEnd(), out);
                    case UNKNOWN -> false;
                };
        if (!told) {
            if (!parsed()) {
                return unreadable();
            }
            tell(out);
        }
        return Meaning.TOKEN;
    }

    private Meaning blockStart(SseEncoder out) {
        if (!parsed()) {
            return unreadable();
        }
        // Tools of the provider's own ("server_tool_use") are not for the client to run.
        if ("tool_use".equals(reader.blockType())) {
            return failForTool("/v1" + Messages.PATH);
        }
        boolean isPiece = !reader.text().isEmpty() || !reader.thinking().isEmpty();
        tell(out);
        return isPiece ? Meaning.TOKEN : Meaning.LIFE;
    }

    private Meaning messageDelta(SseEncoder out) {
        if (!parsed()) {
            return unreadable();
        }
        String reason = reader.stopReason();
        if (reason != null) {
            finished(finishReason(reason));
        }
        String explanation = reader.explanation();
        if (explanation != null && !explanation.isEmpty()) {
            content(explanation.toCharArray(), 0, explanation.length(), out); // the text of a refusal
        }
        return counted();
    }

    /** Writes the pieces of the event that was parsed. */
    private void tell(SseEncoder out) {
        String thinking = reader.thinking();
        if (!thinking.isEmpty()) {
            reasoning(thinking.toCharArray(), 0, thinking.length(), out);
        }
        String text = reader.text();
        if (!text.isEmpty()) {
            content(text.toCharArray(), 0, text.length(), out);
        }
    }

    private boolean parsed() {
        return reader.read(decoder.data(), decoder.dataOffset(), decoder.dataLength());
    }

    private Meaning counted() {
        usage(reader.usage().counts());
        return Meaning.LIFE;
    }

    private Meaning unreadable() {
        return fail(Failure.upstream(
                "bad_chunk",
                "The upstream sent an event of " + decoder.dataLength() + " bytes that is no event of a message."));
    }

    /** The {@code finish_reason} of chat completions for a {@code stop_reason}; an unknown one stays as it is. */
    static String finishReason(String stopReason) {
        return switch (stopReason) {
            case "end_turn", "stop_sequence", "pause_turn" -> "stop";
            case "max_tokens", "model_context_window_exceeded" -> "length";
            case "tool_use" -> "tool_calls";
            case "refusal" -> "content_filter";
            default -> stopReason;
        };
    }
}
