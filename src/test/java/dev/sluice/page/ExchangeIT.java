package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Export and import of conversations: an exported file can be imported again, and a malformed file cannot break the
 * page.
 */
final class ExchangeIT extends PageTest {
    /** A conversation with all features, and an empty store. */
    private static final String FULL_TALK = """
            const { addMessage, regenerate } = conversations;
            const talk = conversations.newConversation({ system: 'Be brief', model: 'one', temperature: 0.5 });
            const first = addMessage(talk, null, { role: 'user', content: 'first?' });
            const answer = addMessage(talk, first.id, { role: 'assistant', content: 'first!', state: 'done' });
            const second = addMessage(talk, answer.id, { role: 'user', content: 'second?' });
            const end = addMessage(talk, second.id, { role: 'assistant', content: 'second!', state: 'done' });
            const again = regenerate(talk, end.id, { model: 'two', reasoning: 'Hm.\\n\\nWell.' });
            Object.assign(again, { content: 'So:\\n```js\\nlet a', state: 'stopped', finish: null,
              toolCalls: [{ id: 'call', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
              stats: { firstTokenMs: 12.5, pieces: 3, promptTokens: 7 },
              error: { message: 'cut', status: 502, type: 'upstream', code: 'broken', retryAfter: 2 } });
            Object.assign(talk, { title: 'Ein *Titel* \\u2028 <script>', maxTokens: 99 });
            const store = new stores.Store(new (await import('/js/conversations/memory.js')).Memory());
            const file = (text, name = 'x.json') => new File([text], name);
            const contents = async () => {
              const all = [];
              for await (const each of store.all()) all.push(each);
              return all;
            };
            """;

    @SuppressWarnings("NullAway.Init")
    private Modules modules;

    @BeforeEach
    void open() {
        modules = Modules.in(visit);
    }

    // ---- Files.

    @Test
    void exportedConversation_importedAndExportedAgain_isTheSameButForItsId() {
        List<?> told = (List<?>) modules.run(FULL_TALK + """
                await store.put(talk);
                const out = await files.conversationsFile(store.all());
                const [id] = await exchange.importFile(file(await out.text()), store);
                const all = await contents();
                const copy = all.find((each) => each.id === id);
                const later = await files.conversationsFile([{ ...copy, id: talk.id }]);
                return [await out.text(), await later.text(), id === talk.id, all.length];
                """);
        assertThat(conversations(told.get(1))).isEqualTo(conversations(told.get(0)));
        assertThat(told.get(2)).as("overwrote the first").isEqualTo(false);
        assertThat(told.get(3)).isEqualTo(2);
    }

    @Test
    void fileThatIsNoText_isRefused() {
        assertThat(modules.text(FULL_TALK + """
                                return exchange.importFile(new File([Uint8Array.of(123, 0xff, 0xfe)], 'x'), store)
                                  .then(String, ({ message }) => message);
                                """)).contains("cannot be read as text");
    }

    @Test
    void fileOfFiftyMegabytes_isImportedWithoutFreezing_ifItsLinesAreOurs_andElseRefused() {
        Map<?, ?> told = (Map<?, ?>) modules.run(FULL_TALK + """
                const long = Array.from({ length: 20_000 }, (_, word) => `word${word}`).join(' ');
                const many = Array.from({ length: 300 }, () => {
                  const each = conversations.newConversation();
                  addMessage(each, null, { role: 'user', content: long });
                  return each;
                });
                const large = file(await (await files.conversationsFile(many)).arrayBuffer());
                let longest = 0;
                let last = performance.now();
                const clock = setInterval(() => {
                  longest = Math.max(longest, performance.now() - last);
                  last = performance.now();
                }, 1);
                const since = performance.now();
                const count = (await exchange.importFile(large, store)).length;
                const took = performance.now() - since;
                clearInterval(clock);
                const foreign = file((await large.text()).replaceAll('\\n', ''));
                const refused = await exchange.importFile(foreign, store).then(String, ({ message }) => message);
                return { count, took, longest, size: large.size, refused };
                """);
        System.out.println("Import of " + told.get("size") + " bytes: " + told);
        assertThat(told.get("count")).isEqualTo(300);
        assertThat(number(told, "size")).isGreaterThan(50_000_000);
        // The work is done in pieces. On a busy machine all of them take longer.
        assertThat(number(told, "longest")).isLessThan(Math.max(500, number(told, "took") / 2));
        assertThat(told.get("refused")).asString().containsAnyOf("larger than 16 MB", "may have 16 MB");
    }

    private static JsonNode conversations(Object file) {
        return Json.read(String.valueOf(file)).get("conversations");
    }

    private static double number(Map<?, ?> told, String name) {
        return Double.parseDouble(String.valueOf(told.get(name)));
    }
}
