package dev.sluice.dialect.responses;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.dialect.JsonBytes;
import java.util.List;
import java.util.Set;

/** The types of events that are treated in a special way. All others are passed on, and are no end. */
final class EventTypes {
    static final String OUTPUT_TEXT = "response.output_text.delta";
    static final String REFUSAL = "response.refusal.delta";
    static final String REASONING = "response.reasoning";
    static final String ARGUMENTS = "response.function_call_arguments.delta";
    static final String TOOL_INPUT = "response.custom_tool_call_input.delta";
    static final String ITEM_ADDED = "response.output_item.added";
    static final String SUMMARY_PART_ADDED = "response.reasoning_summary_part.added";

    static final String COMPLETED = "response.completed";
    static final String INCOMPLETE = "response.incomplete";
    static final String DONE = "response.done";
    static final String FAILED = "response.failed";
    static final String CANCELLED = "response.cancelled";
    static final String RESPONSE_ERROR = "response.error";
    static final String ERROR = "error";

    /** The data of the event that some servers send at the end, as that of chat completions. */
    static final String LAST_WORD = "[DONE]";

    /** After these, nothing of the response follows, and it is not a failure unless its status says so. */
    private static final Set<String> WHOLE = Set.of(COMPLETED, INCOMPLETE, DONE);

    private static final List<byte[]> ENDS = List.of(
            bytes(COMPLETED), bytes(INCOMPLETE), bytes(DONE), bytes(FAILED), bytes(CANCELLED), bytes(RESPONSE_ERROR));

    private EventTypes() {}

    static boolean isWhole(String type) {
        return WHOLE.contains(type);
    }

    static boolean isPiece(String type) {
        return type.endsWith(".delta");
    }

    /** Whether an event whose type is in these bytes may end the response. */
    static boolean mayEnd(byte[] data, int from, int to) {
        for (int i = 0; i < ENDS.size(); i++) {
            if (JsonBytes.is(ENDS.get(i), data, from, to)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] bytes(String type) {
        return type.getBytes(US_ASCII);
    }
}
