package dev.sluice.simulator;

/** The API dialects in which the simulator answers. */
public enum SimulatedDialect {
    CHAT_COMPLETIONS("messages"),
    COMPLETIONS("prompt"),
    RESPONSES("input"),
    EMBEDDINGS("input"),
    MESSAGES("messages"),
    TOKEN_COUNT("messages");

    /** The field of a request that has the prompt. */
    private final String promptField;

    SimulatedDialect(String promptField) {
        this.promptField = promptField;
    }

    String promptField() {
        return promptField;
    }

    /** @param id a part of the answer's id */
    AnswerWriter writer(String id, Question question) {
        return switch (this) {
            case CHAT_COMPLETIONS -> new ChatCompletionWriter(id, question);
            case COMPLETIONS -> new TextCompletionWriter(id, question);
            case MESSAGES -> new MessageWriter(id, question);
            case TOKEN_COUNT -> new TokenCountWriter(question);
            case RESPONSES -> new ResponseWriter(id, question);
            case EMBEDDINGS -> throw new IllegalArgumentException("Embeddings are no words");
        };
    }

    /** An error in the dialect's shape. */
    SimulatedAnswer.Refused refused(Fault fault) {
        String json =
                switch (this) {
                    case CHAT_COMPLETIONS, COMPLETIONS, RESPONSES, EMBEDDINGS -> CompletionChunks.error(fault);
                    case MESSAGES, TOKEN_COUNT -> MessageWriter.error(fault);
                };
        return new SimulatedAnswer.Refused(fault.status(), fault.retryAfter(), json);
    }
}
