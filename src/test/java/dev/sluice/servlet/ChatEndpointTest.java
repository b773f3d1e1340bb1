package dev.sluice.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.config.Settings;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.relay.FakeUpstream;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import dev.sluice.test.dialect.Parrot;
import dev.sluice.web.FakeExchange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prompts in another dialect than chat completions. */
final class ChatEndpointTest {
    private final List<String> asked = new ArrayList<>();
    private final List<Field> passed = new ArrayList<>();
    private final SseEncoder out = new SseEncoder();
    private final ChatEndpoint endpoint = new ChatEndpoint(
            new Parrot(),
            new Settings.Chat("polly", 1024, "max_tokens", null),
            (dialect, request, fields, letGo) -> {
                assertThat(dialect.path()).isEqualTo("/parrot");
                assertThat(request.streams()).isTrue();
                StringBuilder body = new StringBuilder();
                request.sentAs("macaw", true, RequestDefaults.NONE).forEach(slice -> body.append(UTF_8.decode(slice)));
                asked.add(body.toString());
                passed.addAll(fields);
                return new FakeUpstream();
            },
            new ProviderWords(List.of()),
            64 * 1024);

    @Test
    void prompt_isWrittenAsTheDialectHasIt_withTheHeadersThatPassThere() throws InvalidRequestException {
        Endpoint.Opening opening = ask();

        assertThat(asked).containsExactly("{\"model\":\"macaw\",\"stream\":true,\"hear\":\"who is \\\"pretty\\\"?\"}");
        assertThat(passed).containsExactly(new Field("X-Perch", "7"));
        assertThat(opening.model()).isEqualTo("polly");
    }

    @Test
    void answer_isReadAsTheDialectHasIt_andToldAsChatTellsIt() throws InvalidRequestException {
        Translator translator = ask().translator();

        assertThat(hears(translator, "data: {\"say\":\"polly\\nis\"}\n\n")).isEqualTo(Meaning.TOKEN);
        assertThat(hears(translator, "event: over\ndata: {\"heard\":3,\"said\":2}\n\n"))
                .isEqualTo(Meaning.WHOLE);
        translator.done(out);

        assertThat(new String(out.array(), 0, out.length(), UTF_8)).isEqualTo("""
                data: polly
                data: is

                event: done
                data: {"finish_reason":"over","usage":{"heard":3,"said":2}}

                """);
    }

    @Test
    void answer_withoutTheDialectsEnd_isNotWhole() throws InvalidRequestException {
        Translator translator = ask().translator();

        hears(translator, "data: {\"say\":\"polly\"}\n\n");

        assertThat(translator.ends(null, out)).isNotNull();
    }

    private Endpoint.Opening ask() throws InvalidRequestException {
        byte[] body = "{\"prompt\":\"who is \\\"pretty\\\"?\"}".getBytes(UTF_8);
        FakeExchange exchange = new FakeExchange("POST", "/chat")
                .header("Content-Type", "application/json")
                .header("X-Perch", "7")
                .header("Cookie", "no");
        return endpoint.read(exchange.request(), body, body.length, new Unbounded());
    }

    private Meaning hears(Translator translator, String event) {
        translator.feed(ByteBuffer.wrap(event.getBytes(UTF_8)));
        return translator.translate(out);
    }

    private static final class Unbounded implements Endpoint.Held {
        @Override
        public void work(long more) {}

        @Override
        public void settle(long rest) {}

        @Override
        public void letGo() {}
    }
}
