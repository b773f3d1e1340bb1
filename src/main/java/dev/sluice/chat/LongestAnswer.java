package dev.sluice.chat;

/**
 * The longest answer that a plan allows for one request.
 *
 * @param plan the name of the plan
 * @param tokens those of all answers to the request together, 1 or more
 */
public record LongestAnswer(String plan, int tokens) {
    /**
     * The failure of a request whose field does not fit.
     *
     * @param most the largest value that would
     * @param because what else explains it; may be empty
     */
    public InvalidRequestException refusal(String field, long most, String because) {
        return InvalidRequestException.badField(
                "invalid_value",
                field,
                "\"%s\" must be a whole number from 1 to %d: the longest answer of plan \"%s\" is %d tokens%s."
                        .formatted(field, most, plan, tokens, because));
    }
}
