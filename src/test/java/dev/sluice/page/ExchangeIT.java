package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Container;
import dev.sluice.it.Json;
import dev.sluice.it.Launch;
import dev.sluice.it.LogsOnFailure;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Conversations in files: what is written can be read again, and nothing gets in that the page could stumble over. */
@ExtendWith(LogsOnFailure.class)
final class ExchangeIT extends BrowserTest {
    /** A conversation that has all that one can have, and a store that is empty. */
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
    private static Container container;

    @SuppressWarnings("NullAway.Init")
    private Visit visit;

    @SuppressWarnings("NullAway.Init")
    private Modules modules;

    @BeforeAll
    static void start() throws IOException {
        container = Container.Kind.JETTY.start(Launch.plain());
    }

    @AfterAll
    static void stop() {
        container.close();
    }

    @BeforeEach
    void open() {
        visit = browser.visit(container.base());
        modules = Modules.in(visit);
    }

    @AfterEach
    void leave() throws IOException {
        visit.close();
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
    void fileThatAnotherProgramFormatted_isImported() {
        assertThat(modules.run(FULL_TALK + """
                        const ours = await (await files.conversationsFile([talk])).text();
                        const pretty = JSON.stringify(JSON.parse(ours), null, 2);
                        const [id] = await exchange.importFile(file('\\ufeff' + pretty.replaceAll('\\n', '\\r\\n')), store);
                        return [id === talk.id, (await contents())[0].messages[again.id].stats.firstTokenMs];
                        """)).isEqualTo(List.of(true, 12.5));
    }

    /** Each is made of a sound export by one change; the answer must name the place and what is wrong there. */
    private static final Map<String, String> HOSTILE = Map.ofEntries(
            Map.entry("f.format = 'other'", "does not hold conversations exported here"),
            Map.entry("f.version = 2", "version 2"),
            Map.entry("f.conversations = {}", "does not hold conversations"),
            Map.entry("c.version = 9", "conversations[0].version: 9"),
            Map.entry("c.id = '../x'", "conversations[0].id: \"../x\" cannot be a name"),
            Map.entry("c.id = 'constructor'", "\"constructor\" cannot be a name"),
            Map.entry("c.title = ['x']", "conversations[0].title: [\"x\"]"),
            Map.entry("c.title = 'x'.repeat(2000)", "longer than 1,000"),
            Map.entry("c.updated = 'now'", "conversations[0].updated: \"now\""),
            Map.entry("c.created = -1", "conversations[0].created: -1"),
            Map.entry("c.temperature = 7", "conversations[0].temperature: 7"),
            Map.entry("c.messages = [1]", "conversations[0].messages: [1]"),
            Map.entry("m.role = 'system'", "role: \"system\" is none of user, assistant"),
            Map.entry("m.content = { toString: 1 }", "content: {\"toString\":1}"),
            Map.entry("m.id = 'other'", "id: \"other\""),
            Map.entry("m.state = 'odd'", "state: \"odd\" is none of"),
            Map.entry("m.parent = 'gone'", "there is no message gone"),
            Map.entry("m.parent = 'toString'", "\"toString\" cannot be a name"),
            Map.entry("m.parent = leaf", "in a circle"),
            Map.entry("m.parent = m.id", "in a circle"),
            Map.entry("m.stats = { firstTokenMs: '1' }", "stats.firstTokenMs: \"1\""),
            Map.entry("m.error = 'x'", "error: \"x\""),
            Map.entry("m.toolCalls = 'x'", "toolCalls: \"x\""),
            Map.entry("m.toolCalls = [[[]]]", "toolCalls[0]: [[]]"),
            Map.entry("let d = {}; m.toolCalls = [d]; for (let i = 0; i < 99; i++) d = d.d = {}", "deeper than 32"),
            Map.entry("m.toolCalls = [JSON.parse('{\"__proto__\": {\"evil\": 1}}')]", "__proto__ cannot be a name"),
            Map.entry("c.messages = JSON.parse('{\"__proto__\": {\"id\": \"x\"}}')", "\"__proto__\" cannot be a name"),
            Map.entry("c.messages.root = { ...m, id: 'root' }", "\"root\" cannot be a name"),
            Map.entry("c.chosen.root = leaf", "chosen.root"),
            Map.entry("c.chosen.nobody = leaf", "chosen.nobody"),
            Map.entry("c.chosen = JSON.parse('{\"__proto__\": \"x\"}')", "chosen.__proto__"));

    @Test
    void hostileFiles_areRefusedWithTheFaultByName_andNothingOfThemIsKept() {
        Map<?, ?> answers = (Map<?, ?>)
                modules.run(FULL_TALK + """
                        const sound = JSON.parse(await (await files.conversationsFile([talk, talk])).text());
                        const answers = {};
                        for (const change of argument) {
                          const f = structuredClone(sound);
                          const c = f.conversations[0];
                          const m = c.messages[first.id];
                          changes[change](f, c, m, end.id);
                          answers[change] = await exchange.importFile(file(JSON.stringify(f)), store).then(() => 'imported',
                              (error) => (error instanceof imported.ImportError ? error.message : String(error.stack)));
                        }
                        answers.left = (await contents()).length;
                        answers.polluted = 'evil' in {};
                        return answers;
                        """.replace("changes[change]", changes()), List.copyOf(HOSTILE.keySet()));
        assertThat(answers.get("left")).isEqualTo(0);
        assertThat(answers.get("polluted")).isEqualTo(false);
        HOSTILE.forEach((change, fault) ->
                assertThat(String.valueOf(answers.get(change))).as(change).contains(fault));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                                                                         | The file is empty
                    'no json'                                                                  | not JSON
                    '[]'                                                                       | does not hold conversations
                    'null'                                                                     | does not hold conversations
                    '{"format":"sluice-conversations","version":1,"conversations":[\\n{"a":1}' | conversations[0].version
                    '{"format":"sluice-conversations","version":1,"conversations":[\\n'        | breaks off
                    '{"format":"sluice-conversations","version":1,"conversations":[\\n]}\\nx'  | not JSON
                    '\u00ff'                                                                   | not JSON
                    """)
    void brokenFiles_areRefused(String content, String fault) {
        assertThat(modules.text(
                        FULL_TALK
                                + "return exchange.importFile(file(argument), store).then(String, ({ message }) => message);",
                        content.translateEscapes()))
                .contains(fault);
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
        // In pieces, that is; on a busy machine all of them are longer.
        assertThat(number(told, "longest")).isLessThan(Math.max(500, number(told, "took") / 2));
        assertThat(told.get("refused")).asString().containsAnyOf("larger than 16 MB", "may have 16 MB");
    }

    @Test
    void markdown_isTheChosenPathToBeRead() {
        assertThat(
                        modules.text(
                                FULL_TALK
                                        + "talk.created = 0; return (await import('/js/conversations/as-markdown.js')).markdownOf(talk);"))
                .matches("""
                        # Ein \\*Titel\\* <script>

                        - Begun: January 1, 1970.*
                        - Model: one

                        ## System prompt

                        > Be brief

                        ## You

                        first\\?

                        ## Assistant

                        first!

                        ## You

                        second\\?

                        ## Assistant \\(two\\)

                        > \\*\\*Reasoning\\*\\*
                        >
                        > Hm.
                        >
                        > Well.

                        So:
                        ```js
                        let a
                        ```

                        Tool calls:

                        ```json
                        (?s:.*)
                        ```

                        \\*The answer failed: cut \\(status 502\\) Try again in 2 seconds\\.\\*
                        """);
    }

    private static JsonNode conversations(Object file) {
        return Json.read(String.valueOf(file)).get("conversations");
    }

    private static double number(Map<?, ?> told, String name) {
        return Double.parseDouble(String.valueOf(told.get(name)));
    }

    /** The changes as functions, by what they say: the page's policy forbids to make code of texts. */
    private static String changes() {
        StringBuilder changes = new StringBuilder("({");
        HOSTILE.keySet().forEach(change -> changes.append("[`")
                .append(change)
                .append("`]: (f, c, m, leaf) => { ")
                .append(change)
                .append("; },\n"));
        return changes.append("})[change]").toString();
    }
}
