package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;

/** Counts the tokens of a prompt, as Anthropic's API tells them. It is one JSON object, never a stream. */
final class TokenCountWriter implements AnswerWriter {
    private static final byte[] NOTHING = {};

    private final long promptTokens;

    TokenCountWriter(Question question) {
        String system = question.system();
        this.promptTokens = AnswerText.count(question.prompt()) + (system == null ? 0 : AnswerText.count(system));
    }

    @Override
    public byte[] opening() {
        return NOTHING;
    }

    @Override
    public byte[] event(Piece piece) {
        return NOTHING;
    }

    @Override
    public byte[] closing(Tally tally) {
        return NOTHING;
    }

    @Override
    public String whole(Tally tally, String reasoning, String content) {
        return Written.json(json -> json.writeNumberProperty("input_tokens", promptTokens));
    }
}
