package dev.sluice.simulator;

import dev.sluice.simulator.Script.Canned;
import dev.sluice.simulator.Script.Ending;
import dev.sluice.simulator.Script.Piece;
import dev.sluice.simulator.Script.Silent;
import dev.sluice.simulator.Script.Spoken;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A model of the simulator.
 *
 * @param id its name
 * @param script its behaviour, one that real upstreams have too
 */
record Model(String id, Script script) {
    private static final List<Model> ALL = List.of(
            // 40 tokens a second, as common models have.
            new Model("sim/fast", spoken(40, Model::answer)),

            // 2 tokens a second.
            new Model("sim/slow", spoken(2, Model::answer)),

            // Sends reasoning, then empty deltas for a while, then the answer, as xAI's models do.
            new Model("sim/reasoning", spoken(40, question -> Stream.of(
                            thoughts(), Stream.generate(Piece.Empty::new).limit(30), answer(question))
                    .flatMap(pieces -> pieces))),

            // 5,000 numbered tokens, whatever max_tokens says.
            new Model(
                    "sim/long", new Spoken(interval(100), question -> numbers().limit(5_000), 5_000, Ending.PROPER)),

            // Numbered tokens without end, as fast as the client reads, whatever max_tokens says.
            new Model("sim/endless", new Spoken(Duration.ZERO, question -> numbers(), Spoken.ENDLESS, Ending.PROPER)),

            // Accepts the request and never answers.
            new Model("sim/silent", new Silent()),

            // Breaks the connection in the middle of an event, after 12 tokens.
            new Model(
                    "sim/dies",
                    new Spoken(
                            interval(40),
                            question -> Stream.concat(
                                    answer(question).limit(12),
                                    Stream.of(new Piece.Torn("of which only the beginning comes"))),
                            0,
                            Ending.CUT)),

            // Answers 429 with Retry-After: 7.
            new Model(
                    "sim/error-429",
                    new Canned(new Fault(
                            429,
                            "requests",
                            "rate_limit_exceeded",
                            null,
                            "Rate limit reached for sim/error-429. Please try again in 7s.",
                            "7"))),

            // Answers 500.
            new Model(
                    "sim/error-500",
                    new Canned(new Fault(
                            500,
                            "server_error",
                            "server_error",
                            null,
                            "The server had an error while processing your request. It was told to.",
                            null))),

            // Answers an error object with status 200, as xAI does.
            new Model(
                    "sim/error-in-200",
                    new Canned(new Fault(
                            200,
                            "server_error",
                            "The service is currently unavailable",
                            null,
                            "Timed out waiting for first token",
                            null))),

            // A few tokens, then bytes that are neither JSON nor UTF-8, and at the end no complete event.
            new Model(
                    "sim/garbage",
                    new Spoken(
                            interval(40),
                            question -> Stream.concat(answer(question).limit(5), garbage()),
                            0,
                            Ending.MUTE)));

    static Optional<Model> named(String id) {
        return ALL.stream().filter(model -> model.id().equals(id)).findFirst();
    }

    static List<String> ids() {
        return ALL.stream().map(Model::id).toList();
    }

    private static Spoken spoken(int perSecond, Function<Question, Stream<Piece>> pieces) {
        return new Spoken(interval(perSecond), pieces, 0, Ending.PROPER);
    }

    private static Duration interval(int perSecond) {
        return Duration.ofSeconds(1).dividedBy(perSecond);
    }

    private static Stream<Piece> answer(Question question) {
        return Piece.content(AnswerText.to(question));
    }

    private static Stream<Piece> thoughts() {
        return AnswerText.tokens("""
                        No model is here to think about this, so these thoughts were written beforehand. \
                        They come as reasoning, then thirty empty deltas follow, then the answer.""").stream().map(Piece.Reasoning::new);
    }

    /** 1, 2, 3 …, ten to a line. */
    private static Stream<Piece> numbers() {
        return LongStream.iterate(1, n -> n + 1).mapToObj(n -> new Piece.Content(n + (n % 10 == 0 ? "\n" : " ")));
    }

    private static Stream<Piece> garbage() {
        StringBuilder noise = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            noise.append(c);
        }
        return Stream.of(
                new Piece.Raw("data: this is no JSON\n\n"),
                new Piece.Raw("data: {\"choices\":[{\"delta\":{\"content\":\n\n"),
                new Piece.Raw(noise.toString()));
    }
}
