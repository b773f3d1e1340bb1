package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.sluice.it.Eventually;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The storage of conversations in the browser: across reloads, between tabs, and when it fails. */
final class StoreIT extends PageTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    /** A store, and a conversation with an answer that is being written. */
    private static final String OPEN = """
            window.store ??= await stores.openStore();
            const { store } = window;
            const talk = (title, question, answer) => {
              const it = conversations.newConversation();
              it.title = title;
              const asked = conversations.addMessage(it, null, { role: 'user', content: question });
              conversations.addMessage(it, asked.id, { role: 'assistant', content: answer, state: 'streaming' });
              return it;
            };
            const answerOf = (it) => conversations.path(it)[1];
            const only = async () => store.get((await store.list())[0].id);
            """;

    private static final String PUT_AGAIN = OPEN + "return store.put(window.it);";

    @SuppressWarnings("NullAway.Init")
    private Modules tab;

    @BeforeEach
    void open() {
        tab = Modules.in(visit);
    }

    @Test
    void conversationsAndPreferences_areThereAfterAReload_newestFirst() {
        tab.run(OPEN + """
                const [older, newer] = [talk('older', 'a', 'b'), talk('newer', 'c', '**d**\\n\\ne')];
                older.updated -= 1000;
                await store.put(newer);
                await store.put(older);
                store.setPreference('theme', 'dark');
                """);
        tab.page().reload();
        assertThat(tab.run(OPEN + """
                                const list = await store.list();
                                const whole = await store.get(list[0].id);
                                return [store.persistent, ...list.map(({ title }) => title), list[0].preview,
                                  answerOf(whole).content, store.preferences().theme, Object.keys(list[0]).join()];
                                """))
                .isEqualTo(List.of(
                        true, "newer", "older", "**d** e", "**d**\n\ne", "dark", "id,title,created,updated,preview"));
    }

    @Test
    void putsWhileOneIsUnderWay_becomeOneOfTheNewest_andAllAreToldWhenItIsKept() {
        assertThat(tab.run(OPEN + """
                        let writes = 0;
                        const put = IDBObjectStore.prototype.put;
                        IDBObjectStore.prototype.put = function (record, ...key) {
                          writes += this.name === 'conversations';
                          return put.call(this, record, ...key);
                        };
                        const it = talk('t', 'q', '');
                        const kept = [];
                        for (let token = 0; token < 100; token++) {
                          answerOf(it).content += `${token} `;
                          kept.push(store.put(it));
                        }
                        const all = await Promise.all(kept);
                        return [writes, all.every((each) => each === true), answerOf(await only()).content.slice(-6)];
                        """)).isEqualTo(List.of(2, true, "98 99 "));
    }

    @Test
    void pageLeftAmidAStream_keepsWhatHadArrived_asInterrupted() {
        tab.run(OPEN + """
                        const it = talk('t', 'q', 'begun ');
                        store.holdStream(it.id);
                        await store.put(it);
                        store.put(it); // under way when the page goes
                        answerOf(it).content += 'and more';
                        store.put(it); // waiting then
                        setTimeout(() => location.assign('/i18n/de.json'));
                        """);
        tab.page().waitForURL("**/de.json");
        assertThat(
                        tab.run(
                                OPEN
                                        + "const { state, content } = answerOf(await only()); return [state, content, (await only()).title];"))
                .isEqualTo(List.of("interrupted", "begun and more", "t"));
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void answerThatAnotherTabWrites_isNotInterrupted_untilThatTabIsGone(boolean locks) throws IOException {
        if (!locks) { // as in a page that was loaded by plain HTTP from another machine
            visit.context().addInitScript("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });");
            tab.page().reload();
        }
        Modules writer = Modules.inAnotherTab(visit);
        writer.run(OPEN + "const it = talk('t', 'q', 'a'); window.end = store.holdStream(it.id); await store.put(it);");
        String state = OPEN + "return answerOf(await only()).state;";
        assertThat(tab.text(state)).isEqualTo("streaming");
        writer.page().close();
        Eventually.until("the answer is interrupted", SOON, () -> tab.text(state), "interrupted"::equals);
    }

    @Test
    void answerWhoseWritingEnded_isInterruptedIfItWasNeverFinished() {
        assertThat(tab.run(OPEN + """
                        const it = talk('t', 'q', 'a');
                        const end = store.holdStream(it.id);
                        await store.put(it);
                        const during = answerOf(await only()).state;
                        end();
                        return [during, answerOf(await only()).state, answerOf(it).state];
                        """)).isEqualTo(List.of("streaming", "interrupted", "streaming"));
    }

    // ---- Two tabs.

    @Test
    void changesOfAnotherTab_areToldHere() {
        tab.run(OPEN + """
                window.told = [];
                store.onChange(({ kind, here, title, summary }) => window.told.push([kind, here, title ?? summary?.title]));
                """);
        Modules other = Modules.inAnotherTab(visit);
        other.run(OPEN + """
                const it = talk('first', 'q', 'a');
                await store.put(it);
                await store.rename(it.id, 'second');
                await store.remove(it.id);
                store.setPreference('language', 'de');
                """);
        String all = "[[\"put\",false,\"first\"],[\"renamed\",false,\"second\"],[\"removed\",false,null],"
                + "[\"preferences\",false,null]]";
        Eventually.until("all was told", SOON, this::told, all::equals);
        assertThat(tab.text(OPEN + "return (await store.list()).length + store.preferences().language;"))
                .isEqualTo("0de");
    }

    /** The reported changes. Preferences are last, because they are reported separately, at any time. */
    private String told() {
        return String.valueOf(tab.page()
                .evaluate("() => JSON.stringify(window.told.toSorted("
                        + "([one], [other]) => (one === 'preferences') - (other === 'preferences')))"));
    }

    @Test
    void conversationRemovedInAnotherTab_isNotBroughtBackByAnAnswerStillBeingWritten_unlessRestored() {
        String id =
                tab.text(OPEN + "window.it = talk('t', 'q', 'a'); await store.put(window.it); return window.it.id;");
        Modules other = Modules.inAnotherTab(visit);
        other.run(OPEN + "window.copy = await store.get(argument); await store.remove(argument);", id);
        Eventually.until(
                "the tab does not bring back what was removed", SOON, () -> tab.text(PUT_AGAIN), "false"::equals);
        assertThat(other.text(OPEN + "return (await store.list()).length;")).isEqualTo("0");

        other.run(OPEN + "await store.restore(window.copy);");
        Eventually.until(
                "the tab knows that the removal was taken back", SOON, () -> tab.text(PUT_AGAIN), "true"::equals);
        assertThat(other.text(OPEN + "return (await store.list()).length;")).isEqualTo("1");
    }

    @Test
    void twoTabsThatAddMessages_leaveThoseOfBoth_whicheverWritesLast() {
        String id =
                tab.text(OPEN + "window.it = talk('t', 'q', 'a'); await store.put(window.it); return window.it.id;");
        Modules other = Modules.inAnotherTab(visit);
        String add = """
                const mine = window.mine ?? (await store.get(argument[0]));
                window.mine = mine;
                if (argument[1]) {
                  const parent = conversations.path(mine)[1].id;
                  conversations.addMessage(mine, parent, { role: 'user', content: argument[1] });
                  await store.put(mine);
                }
                """;
        for (String step : List.of("", "x", "y")) {
            tab.run(OPEN + add, List.of(id, step.isEmpty() ? "" : "this " + step));
            other.run(OPEN + add, List.of(id, step.isEmpty() ? "" : "other " + step));
        }
        assertThat(tab.text(OPEN + """
                        const it = await only();
                        return Object.values(it.messages).map(({ content }) => content).sort().join();
                        """)).isEqualTo("a,other x,other y,q,this x,this y");
        assertThat(tab.text(OPEN + """
                        await store.update(window.mine, () => false);
                        return Object.keys(window.mine.messages).length;
                        """)).isEqualTo("6");
    }

    @Test
    void removalThatATabIsToldOfLate_removesNothing_ifItWasTakenBack() {
        String id = tab.text(OPEN + """
                        const it = talk('t', 'q', 'a');
                        await store.put(it);
                        window.told = new Promise((resolve) => {
                          store.onChange(({ kind, here }) => kind === 'put' && !here && resolve());
                        });
                        return it.id;
                        """);
        Modules other = Modules.inAnotherTab(visit);
        other.run(OPEN + """
                        const late = [];
                        const post = BroadcastChannel.prototype.postMessage;
                        BroadcastChannel.prototype.postMessage = function (message) {
                          late.push(() => post.call(this, message));
                        };
                        const copy = await store.get(argument);
                        await store.remove(argument);
                        await store.restore(copy);
                        BroadcastChannel.prototype.postMessage = post;
                        late.forEach((tell) => tell());
                        """, id);
        assertThat(tab.text(OPEN + """
                                await window.told;
                                return Object.keys((await store.get(argument))?.messages ?? {}).length;
                                """, id)).isEqualTo("2");
    }

    @Test
    void removalThatFails_isToldInWords_andTheConversationIsKeptOn() {
        assertThat(tab.run(OPEN + """
                        const it = talk('t', 'q', 'a');
                        await store.put(it);
                        const remove = IDBObjectStore.prototype.delete;
                        IDBObjectStore.prototype.delete = () => { throw new DOMException('no', 'UnknownError'); };
                        const told = await store.remove(it.id).catch((error) => error instanceof stores.StoreError);
                        IDBObjectStore.prototype.delete = remove;
                        return [told, await store.put(it)];
                        """)).isEqualTo(List.of(true, true));
    }

    @Test
    void whatChangesHereWhileAnotherTabsChangesAreRead_isKept() {
        assertThat(tab.run(OPEN + """
                        const it = talk('old', 'q', 'a');
                        await store.put(it);
                        const updated = store.update(it, () => false);
                        Object.assign(it, { title: 'new', model: 'another' });
                        await updated;
                        return [it.title, it.model];
                        """)).isEqualTo(List.of("new", "another"));
    }

    @Test
    void messagesThatNoOtherTabHasChanged_stayTheSameObjects() {
        assertThat(tab.run(OPEN + """
                        const it = talk('t', 'q', '');
                        const [question, answer] = conversations.path(it);
                        const toolCalls = [{ id: 'c', name: 'n', arguments: '{}' }];
                        Object.assign(answer, { state: 'done', stats: { durationMs: 1 }, toolCalls });
                        await store.put(it);
                        const other = await stores.openStore();
                        const theirs = await other.get(it.id);
                        conversations.addMessage(theirs, answer.id, { role: 'user', content: 'more' });
                        await other.put(theirs);
                        await store.update(it, () => false);
                        const now = conversations.path(it);
                        return [now.length, now[0] === question, now[1] === answer];
                        """)).isEqualTo(List.of(3, true, true));
    }

    @Test
    void answerForWhichThereWasNoRoom_isNotReplacedByWhatIsKeptOfIt() {
        assertThat(tab.run(OPEN + """
                        const it = talk('t', 'q', 'begun');
                        answerOf(it).state = 'done';
                        await store.put(it);
                        const put = IDBObjectStore.prototype.put;
                        IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
                        answerOf(it).content = 'begun and ended';
                        await store.put(it).catch(() => {});
                        IDBObjectStore.prototype.put = put;
                        await store.update(it, () => false);
                        const here = answerOf(it).content;
                        await store.put(it);
                        return [here, answerOf(await only()).content];
                        """)).isEqualTo(List.of("begun and ended", "begun and ended"));
    }

    @Test
    void interruptedAnswer_isKeptAsSuch_withTheNextChange() {
        assertThat(tab.run(OPEN + """
                        const it = talk('t', 'q', 'a');
                        await store.put(it);
                        const read = await only();
                        await store.put(read);
                        store.holdStream(it.id); // of another answer
                        return [answerOf(read).state, answerOf(await only()).state];
                        """)).isEqualTo(List.of("interrupted", "interrupted"));
    }

    @Test
    void conversationsOfTheVersionBefore_areThereInThisOne() {
        assertThat(tab.run("""
                        const it = conversations.newConversation();
                        it.title = 'old';
                        const asked = conversations.addMessage(it, null, { role: 'user', content: 'q' });
                        conversations.addMessage(it, asked.id, { role: 'assistant', content: 'a', state: 'done' });
                        const open = indexedDB.open('sluice', 1);
                        open.onupgradeneeded = () => {
                          open.result.createObjectStore('conversations', { keyPath: 'id' }).put(it);
                          const summaries = open.result.createObjectStore('summaries', { keyPath: 'id' });
                          summaries.createIndex('updated', 'updated');
                          summaries.put(conversations.summaryOf(it));
                        };
                        await new Promise((resolve) => { open.onsuccess = resolve; });
                        open.result.close();
                        const store = await stores.openStore();
                        const read = await store.get(it.id);
                        return [store.persistent, read.title, ...conversations.path(read).map(({ content }) => content)];
                        """)).isEqualTo(List.of(true, "old", "q", "a"));
    }

    @Test
    void twoTabsThatWriteTheSame_leaveTheLastWrite() {
        String id =
                tab.text(OPEN + "window.it = talk('t', 'q', 'a'); await store.put(window.it); return window.it.id;");
        Modules other = Modules.inAnotherTab(visit);
        String write = """
                const mine = await store.get(argument[0]);
                for (let round = 0; round < 50; round++) {
                  answerOf(mine).content = `${argument[1]} ${round}`;
                  await store.put(mine);
                }
                """;
        other.run(OPEN + write, List.of(id, "other"));
        tab.run(OPEN + write, List.of(id, "this"));
        assertThat(other.text(OPEN + "return answerOf(await only()).content;")).isEqualTo("this 49");
    }

    // ---- Search.

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                    brulee burnt     | sweets: Où est la Crème brûlée?
                    hidden branch    | capital: a hidden branch
                    creme 首都        | -
                    """)
    void search_findsAllWords_withoutCaseAndAccents_inTitlesAndAllBranches(String query, String found) {
        assertThat(tab.run(OPEN + """
                                const sweets = talk('sweets', 'Où est la Crème brûlée?', 'Burnt.');
                                const street = talk('street', 'Die Straße', 'ὁδός\\n\\nwide');
                                const capital = talk('capital', 'a hidden branch', '');
                                conversations.editMessage(capital, conversations.path(capital)[0].id, '日本の首都は？');
                                await Promise.all([sweets, street, capital].map((it) => store.put(it)));
                                const results = await store.search(argument);
                                return results.map(({ title, snippet }) => `${title}: ${snippet}`);
                                """, query))
                .asString()
                .startsWith(found == null ? "[]" : "[" + found.substring(0, found.indexOf(':')))
                .contains(found == null ? "" : found.substring(found.indexOf(':') + 2));
    }

    @Test
    void laterSearch_endsTheEarlier() {
        assertThat(tab.run(OPEN + """
                        for (let at = 0; at < 40; at++) await store.put(talk(`t${at}`, 'question', 'answer'));
                        const early = store.search('question').then(() => 'found', (error) => error.name);
                        const late = store.search('t39');
                        return [await early, (await late).length];
                        """)).isEqualTo(List.of("AbortError", 1));
    }

    @Test
    void twoThousandConversations_areListedAndSearched_whileThePageStaysResponsive() {
        Map<?, ?> told = (Map<?, ?>) tab.run(OPEN + """
                const text = 'Lorem ipsum dolor sit amet consétetur sadipscing elitr. '.repeat(100);
                const many = Array.from({ length: 2000 }, (_, at) => talk(`t${at}`, text, `${text} n${at}n`));
                await Promise.all(many.map((it) => store.put(it)));
                let longest = 0;
                let last = performance.now();
                const clock = setInterval(() => {
                  longest = Math.max(longest, performance.now() - last);
                  last = performance.now();
                }, 1);
                let since = performance.now();
                const listed = (await store.list()).length;
                const list = performance.now() - since;
                since = performance.now();
                const found = await store.search('consetetur n1234n');
                clearInterval(clock);
                return { listed, list, search: performance.now() - since, longest, found: found.map(({ title }) => title).join() };
                """);
        System.out.println("measured: 2,000 conversations, " + told);
        assertThat(told.get("listed")).isEqualTo(2000);
        assertThat(told.get("found")).isEqualTo("t1234");
        assertThat(Double.parseDouble(String.valueOf(told.get("longest")))).isLessThan(500);
    }

    // ---- When the browser stores nothing, or its storage is full.

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } })
                    Object.defineProperty(window, 'indexedDB', { value: undefined })
                    indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); }
                    indexedDB.open = (name, version) => IDBFactory.prototype.open.call(indexedDB, name, 0.5)
                    """)
    void withoutDatabase_conversationsAreKeptAsLongAsThePageIsOpen(String damage) throws IOException {
        visit.context()
                .addInitScript(
                        damage + "; Object.defineProperty(window, 'localStorage', { get() { throw new Error(); } })");
        tab.page().reload();
        assertThat(tab.run(OPEN + """
                        const it = talk('t', 'find me', 'a');
                        await store.put(it);
                        answerOf(it).content = 'not put yet';
                        store.setPreference('theme', 'dark');
                        const found = await store.search('FIND');
                        await store.rename(it.id, 'renamed');
                        const said = [store.persistent, found.length, (await store.list())[0].title,
                          answerOf(await only()).content, store.preferences().theme];
                        await store.eraseAll();
                        return [...said, (await store.list()).length, Object.keys(store.preferences()).length];
                        """)).isEqualTo(List.of(false, 1, "renamed", "a", "dark", 0, 0));
    }

    @Test
    void fullDisk_isToldInWords_andWhatWasThereStays() {
        browser.only(Engine.CHROMIUM, "Firefox has no command that sets a quota");
        JsonObject quota = new JsonObject();
        quota.addProperty("origin", origin());
        quota.addProperty("quotaSize", 300_000);
        visit.context().newCDPSession(tab.page()).send("Storage.overrideQuotaForOrigin", quota);
        assertThat(tab.run(OPEN + """
                                await store.put(talk('small', 'q', 'a'));
                                const letter = () => String.fromCharCode(33 + Math.random() * 60000);
                                const noise = Array.from({ length: 400_000 }, letter).join('');
                                const told = await store.put(talk('large', 'q', noise)).then(String, (error) =>
                                  `${error instanceof stores.StoreError}: ${error.message}`);
                                return [told, ...(await store.list()).map(({ title }) => title)];
                                """))
                .isEqualTo(List.of(
                        "true: The browser has no more room for conversations. Export and delete some.", "small"));
    }

    @Test
    void databaseClosedByTheBrowser_isOpenedAgain() {
        assertThat(tab.run(OPEN + """
                        await store.put(talk('before', 'q', 'a'));
                        await new Promise((resolve, reject) => {
                          const gone = indexedDB.deleteDatabase('sluice'); // asks all who have it open to close it
                          gone.onsuccess = resolve;
                          gone.onerror = reject;
                          gone.onblocked = () => reject(new Error('blocked'));
                        });
                        await store.put(talk('after', 'q', 'a'));
                        return (await store.list()).map(({ title }) => title);
                        """)).isEqualTo(List.of("after"));
    }

    private static String origin() {
        URI base = container.base();
        return base.getScheme() + "://" + base.getAuthority();
    }
}
