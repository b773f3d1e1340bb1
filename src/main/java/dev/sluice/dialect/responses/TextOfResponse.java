package dev.sluice.dialect.responses;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.TextTranslator;
import dev.sluice.sse.SseEncoder;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Translates the events of a response to the plain events of {@code /chat}. The text of an ordinary token is copied from
 * the provider's bytes to the client's. Only other events are parsed. Guarded by the stream's thread.
 */
final class TextOfResponse extends TextTranslator {
    /** The output items with which the model waits for the client. */
    private static final Set<String> CALLS = Set.of(
            "function_call",
            "custom_tool_call",
            "computer_call",
            "local_shell_call",
            "shell_call",
            "apply_patch_call",
            "mcp_approval_request");

    private static final Failure UNFINISHED = Failure.upstream(
            "unfinished",
            "The upstream said [DONE] without an event that ends the response, so the answer may be cut off. For a server"
                    + " that never sends one, its operator can set sluice.upstream.finish-reason=optional.");

    private static final char[] BETWEEN_PARTS = {'\n', '\n'};

    private final EventScanner scanner = new EventScanner();
    private final EventReader reader;
    private boolean begun; // an event of the response has come

    TextOfResponse(AnswerContext context, boolean wantsReasoning) {
        super(context, wantsReasoning);
        this.reader = new EventReader(context.words());
    }

    @Override
    protected Meaning event(SseEncoder out) {
        boolean told =
                switch (scanner.at(decoder.data(), decoder.dataOffset(), decoder.dataLength())) {
                    case TEXT -> contentAsItLies(scanner.textOffset(), scanner.textEnd(), out);
                    case REASONING -> reasoningAsItLies(scanner.textOffset(), scanner.textEnd(), out);
                    case PIECE, STEP, ALIVE, UNKNOWN -> false;
                };
        if (!told) {
            return readEvent(out);
        }
        begun = true;
        return Meaning.TOKEN;
    }

    @Override
    protected boolean isLastWord() {
        return decoder.dataIs(EventTypes.LAST_WORD);
    }

    @Override
    protected @Nullable Failure unterminatedLastWord(SseEncoder out) {
        return lackedAtLastWord();
    }

    private Meaning readEvent(SseEncoder out) {
        if (isLastWord()) {
            Failure lacked = lackedAtLastWord();
            return lacked == null ? Meaning.WHOLE : fail(lacked);
        }
        ResponseEvent event = reader.read(
                decoder.data(), decoder.dataOffset(), decoder.dataLength(), decoder.isTyped() ? decoder.type() : "");
        if (event.usage() != null) {
            usage(ResponseUsage.asOfChatCompletions(event.usage()));
        }
        Failure failure = event.failure();
        if (failure != null) {
            return fail(failure);
        }
        Failure complaint = event.complaint();
        if (complaint != null && !begun) {
            return fail(complaint);
        }
        if (complaint != null) {
            complained(complaint);
            return Meaning.LIFE;
        }
        if (event.type().isEmpty()) {
            return fail(unreadable());
        }
        begun = true;
        return event.isWhole() ? end(event) : step(event, out);
    }

    private Meaning end(ResponseEvent event) {
        finished(event.finishReason());
        return Meaning.WHOLE;
    }

    private Meaning step(ResponseEvent event, SseEncoder out) {
        String type = event.type();
        if (isCall(event)) {
            return failForTool("/v1" + Responses.PATH);
        }
        if (type.equals(EventTypes.SUMMARY_PART_ADDED) && event.part() > 0) {
            reasoning(BETWEEN_PARTS, 0, BETWEEN_PARTS.length, out);
            return Meaning.LIFE;
        }
        if (!EventTypes.isPiece(type)) {
            return Meaning.LIFE;
        }
        tell(type, event.delta(), out);
        return event.delta() == null || event.delta().isEmpty() ? Meaning.LIFE : Meaning.TOKEN;
    }

    private static boolean isCall(ResponseEvent event) {
        return switch (event.type()) {
            case EventTypes.ITEM_ADDED -> CALLS.contains(event.itemType());
            case EventTypes.ARGUMENTS, EventTypes.TOOL_INPUT -> true;
            default -> false;
        };
    }

    private void tell(String type, @Nullable String delta, SseEncoder out) {
        if (delta == null || delta.isEmpty()) {
            return;
        }
        if (type.equals(EventTypes.OUTPUT_TEXT) || type.equals(EventTypes.REFUSAL)) {
            content(delta.toCharArray(), 0, delta.length(), out);
        } else if (type.startsWith(EventTypes.REASONING)) {
            reasoning(delta.toCharArray(), 0, delta.length(), out);
        }
    }

    /** The failure of an answer that ends with {@code [DONE]} and no event of its end; null if that suffices. */
    private @Nullable Failure lackedAtLastWord() {
        Failure given = reasonGiven();
        if (given != null) {
            return given;
        }
        return context().finishReasonIsOptional().getAsBoolean() ? null : UNFINISHED;
    }

    private Failure unreadable() {
        return Failure.upstream(
                "bad_event",
                "The upstream sent an event of " + decoder.dataLength() + " bytes that is no event of a response.");
    }
}
