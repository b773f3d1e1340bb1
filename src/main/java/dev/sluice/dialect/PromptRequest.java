package dev.sluice.dialect;

/**
 * A prompt of {@code /chat} as a request in one dialect.
 *
 * @param passed what is passed on beside the body in that dialect
 */
public record PromptRequest(ChatDialect dialect, ApiRequest request, Passed passed) {}
