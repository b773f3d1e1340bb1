package dev.sluice.simulator;

/** The API dialects in which the simulator answers. */
public enum SimulatedDialect {
    CHAT_COMPLETIONS("messages"),
    COMPLETIONS("prompt"),
    EMBEDDINGS("input");

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
            case EMBEDDINGS -> throw new IllegalArgumentException("Embeddings are no words");
        };
    }

    /** An error in the dialect's shape. */
    SimulatedAnswer.Refused refused(Fault fault) {
        return new SimulatedAnswer.Refused(fault.status(), fault.retryAfter(), CompletionChunks.error(fault));
    }
}
