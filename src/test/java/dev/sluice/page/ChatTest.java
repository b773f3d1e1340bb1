package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.sluice.it.Container;
import dev.sluice.it.Exchange;
import dev.sluice.it.Launch;
import dev.sluice.it.ScriptedUpstream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Tests of the chat, whose upstream does what the test says. Each begins with the chat open and nothing asked. */
abstract class ChatTest extends VisitTest {
    static final Duration SOON = Duration.ofSeconds(20);

    @SuppressWarnings("NullAway.Init")
    static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    ChatWindow chat;

    @BeforeAll
    static void start() throws IOException {
        upstream = ScriptedUpstream.start();
        // A client that leaves in silence is noticed by a heartbeat.
        container = Container.Kind.JETTY.start(launch(upstream).with("sluice.heartbeat", "500ms"));
    }

    @AfterAll
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @BeforeEach
    final void open() {
        upstream.script(ScriptedUpstream.BY_HAND);
        chat = ChatWindow.open(visit);
    }

    /**
     * In front of this upstream, which is asked each question once, and nothing else: with a model's alias alone, the list
     * of models is Sluice's own.
     */
    static Launch launch(ScriptedUpstream upstream) {
        return Launch.at(upstream.url())
                .with("sluice.models.test", "default/test")
                .with("sluice.retry.attempts", "1");
    }

    /** The same visitor's other tab, at the same place. */
    final ChatWindow inAnotherTab() {
        Page page = visit.context().newPage();
        page.navigate(chat.page().url());
        ChatWindow other = new ChatWindow(page);
        other.awaitReady();
        return other;
    }

    /** Asks something, of which one token is answered so far. */
    final Exchange begin(String question, String token) throws IOException {
        chat.ask(question);
        Exchange exchange = upstream.next();
        exchange.stream().token(token);
        chat.awaitText(token);
        return exchange;
    }

    /** One turn, answered whole. */
    final void answer(String question, String text) throws IOException {
        ask(chat, question, text);
    }

    /** The same in any tab. */
    static void ask(ChatWindow tab, String question, String text) throws IOException {
        tab.ask(question);
        assertThat(answer(tab, text).prompt()).isEqualTo(question);
    }

    /** Answers what has been asked in a tab. */
    static Exchange answer(ChatWindow tab, String text) throws IOException {
        Exchange exchange = upstream.next();
        exchange.stream().token(text);
        exchange.finish();
        tab.awaitState("done");
        return exchange;
    }
}
