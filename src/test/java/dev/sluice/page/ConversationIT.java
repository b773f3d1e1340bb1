package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.PlaywrightException;
import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import dev.sluice.it.LogsOnFailure;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations as data: branches, titles, and what a model is asked with. */
@ExtendWith(LogsOnFailure.class)
final class ConversationIT extends BrowserTest {
    /** Two questions with an answer each; {@code say} tells the chosen path. */
    private static final String TWO_TURNS = """
            const { addMessage, editMessage, regenerate, choose, siblings, path } = conversations;
            const { requestMessages } = conversations;
            const talk = conversations.newConversation({ system: 'Be brief', model: 'one', temperature: 0.5 });
            const first = addMessage(talk, null, { role: 'user', content: 'first?' });
            const answer = addMessage(talk, first.id, { role: 'assistant', content: 'first!', state: 'done' });
            const second = addMessage(talk, answer.id, { role: 'user', content: 'second?' });
            const end = addMessage(talk, second.id, { role: 'assistant', content: 'second!', state: 'done' });
            const say = () => path(talk).map(({ content }) => content).join(' ');
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

    // ---- Branches.

    @Test
    void questionEdited_isABranchBesideTheOldOne_whichCanBeChosenAgain() {
        assertThat(modules.run(TWO_TURNS + """
                        const said = [say()];
                        const edited = editMessage(talk, first.id, 'other?');
                        said.push(say());
                        addMessage(talk, edited.id, { role: 'assistant', content: 'other!' });
                        said.push(say());
                        choose(talk, first.id);
                        said.push(say());
                        choose(talk, edited.id);
                        said.push(say(), JSON.stringify(siblings(talk, edited.id).index));
                        return said;
                        """))
                .isEqualTo(List.of(
                        "first? first! second? second!",
                        "other?",
                        "other? other!",
                        "first? first! second? second!",
                        "other? other!",
                        "1"));
    }

    @Test
    void answerAskedForAgain_standsBesideTheFirst() {
        assertThat(modules.run(TWO_TURNS + """
                        const again = regenerate(talk, end.id, { model: 'two' });
                        again.content = 'again!';
                        const said = [say(), siblings(talk, again.id).ids.length, again.model];
                        return said;
                        """)).isEqualTo(List.of("first? first! second? again!", 2, "two"));
    }

    @Test
    void operationsThatMakeNoSense_areRefused() {
        assertThatThrownBy(() -> modules.run(TWO_TURNS + "editMessage(talk, answer.id, 'mine now');"))
                .isInstanceOf(PlaywrightException.class)
                .hasMessageContaining("is of the assistant, not of the user");
        assertThatThrownBy(() -> modules.run(TWO_TURNS + "addMessage(talk, 'nobody', { role: 'user' });"))
                .hasMessageContaining("No message nobody");
        assertThatThrownBy(() -> modules.run(TWO_TURNS + "choose(talk, '__proto__');"))
                .hasMessageContaining("No message __proto__");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void randomOperations_keepTheTreeSound(int seed) {
        assertThat(modules.text("""
                        const { addMessage, editMessage, regenerate, choose, siblings, path } = conversations;
                        let state = argument;
                        const below = (bound) => {
                          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
                          return Math.floor((state / 2 ** 32) * bound);
                        };
                        const talk = conversations.newConversation();
                        const faults = [];
                        const seen = { added: 0, edited: 0, regenerated: 0, chosen: 0 };
                        for (let step = 0; step < 600 && faults.length === 0; step++) {
                          const ids = Object.keys(talk.messages);
                          const one = talk.messages[ids[below(ids.length)]];
                          const what = below(11);
                          let shown = null;
                          if (!one || what < 5) {
                            const parent = one ? one.id : null;
                            const role = one?.role === 'user' ? 'assistant' : 'user';
                            shown = addMessage(talk, parent, { role, content: `${step}` });
                            seen.added++;
                          } else if (what < 7 && one.role === 'user') {
                            shown = editMessage(talk, one.id, `edited ${step}`);
                            seen.edited++;
                          } else if (what < 9 && one.role === 'assistant') {
                            shown = regenerate(talk, one.id);
                            seen.regenerated++;
                          } else if (what < 11) {
                            choose(talk, one.id);
                            shown = one;
                            seen.chosen++;
                          }
                          check(step, shown);
                        }
                        function check(step, shown) {
                          const fault = (words) => faults.push(`step ${step}: ${words}`);
                          const all = Object.values(talk.messages);
                          const parents = new Set(all.map(({ parent }) => parent ?? 'root'));
                          all.forEach(({ id, parent }) => {
                            if (parent !== null && !Object.hasOwn(talk.messages, parent)) fault(`${id} has lost its parent`);
                            const { ids, index } = siblings(talk, id);
                            if (ids[index] !== id) fault(`${id} is not among its siblings`);
                            if (ids.some((each) => talk.messages[each].parent !== parent)) fault('siblings of another parent');
                          });
                          const choices = Object.entries(talk.chosen);
                          choices.forEach(([parent, id]) => {
                            if ((talk.messages[id]?.parent ?? 'root') !== parent) fault(`${parent} has chosen ${id}`);
                          });
                          if (choices.length !== parents.size) fault('not everywhere is one chosen');
                          const way = path(talk);
                          way.forEach(({ parent }, index) => {
                            if (parent !== (index === 0 ? null : way[index - 1].id)) fault('the path has a gap');
                          });
                          const last = way.at(-1);
                          if (last && siblingsBelow(last.id)) fault('the path ends early');
                          if (shown && !way.includes(shown)) fault('what was done is not shown');
                          imported.checked(JSON.parse(JSON.stringify(talk)), 'it');
                        }
                        function siblingsBelow(id) {
                          return Object.values(talk.messages).some(({ parent }) => parent === id);
                        }
                        if (Object.values(seen).some((count) => count === 0)) faults.push(`untried: ${JSON.stringify(seen)}`);
                        return faults.join('\\n');
                        """, seed)).isEmpty();
    }

    // ---- What a model is asked with.

    @Test
    void request_isTheSystemPromptAndThePathToTheLeaf_withoutEmptyAnswersAndReasoning() {
        assertThat(modules.text(TWO_TURNS + """
                        editMessage(talk, first.id, 'elsewhere');
                        end.content = ' ';
                        end.state = 'failed';
                        const third = addMessage(talk, end.id, { role: 'user', content: 'third?' });
                        const partial = addMessage(talk, third.id,
                            { role: 'assistant', content: 'As I was s', reasoning: 'hm', toolCalls: [{}], state: 'interrupted' });
                        const asked = (leaf) => requestMessages(talk, leaf).map(({ role, content, ...rest }) =>
                            `${role}: ${content}${Object.keys(rest)}`).join(' | ');
                        const fresh = regenerate(talk, partial.id);
                        return [asked(partial.id), asked(fresh.id), asked(first.id)].join('\\n');
                        """))
                .isEqualTo("system: Be brief | user: first? | assistant: first! | user: second? | user: third?"
                        + " | assistant: As I was s\n"
                        + "system: Be brief | user: first? | assistant: first! | user: second? | user: third?\n"
                        + "system: Be brief | user: first?");
    }

    @Test
    void request_withoutSystemPrompt_hasNone() {
        assertThat(modules.text(TWO_TURNS
                        + "talk.system = ' '; return requestMessages(talk, first.id).map(({ role }) => role).join();"))
                .isEqualTo("user");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
                    # Hello **world**\\nmore        | Hello world
                    \\n \\n- [ ] a                   | [ ] a
                    > 1. _Why_ [so](http://x/)?     | Why so?
                    ```js\\nlet a_b = c_d * e * f    | let a_b = c_d * e * f
                    `**`                            | **
                    """)
    void title_isTheFirstLineThatSaysSomething_withoutMarkers(String text, String title) {
        assertThat(modules.text("return conversations.titleFrom(argument);", text.translateEscapes()))
                .isEqualTo(title);
    }

    @Test
    void title_isAtMostSixtyCharactersAsReadersCount_andCutsNoneApart() {
        String family = "👩‍👩‍👧‍👦";
        assertThat(modules.text("return conversations.titleFrom(argument);", family.repeat(80)))
                .isEqualTo(family.repeat(59) + "…");
        assertThat(modules.text("return conversations.titleFrom(argument);", "x".repeat(60)))
                .isEqualTo("x".repeat(60));
        assertThat(modules.text("return conversations.titleFrom(' \\n\\t\\n');"))
                .isEmpty();
    }
}
