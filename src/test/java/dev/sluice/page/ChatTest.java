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

/** Tests of the chat with an upstream that the test controls. Each test begins with an open chat without questions. */
abstract class ChatTest extends VisitTest {
    static final Duration SOON = Duration.ofSeconds(20);

    @SuppressWarnings("NullAway.Init")
    static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    ChatWindow chat;

    @BeforeAll
    static void start() throws IOException {
        upstream = ScriptedUpstream.start();
        // A client that leaves without closing its connection is noticed at the next heartbeat.
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
     * Settings for this upstream. It gets only the questions, each once: with only an alias for a model, Sluice answers
     * requests for the list of models itself.
     */
    static Launch launch(ScriptedUpstream upstream) {
        return Launch.at(upstream.url())
                .with("sluice.models.test", "default/test")
                .with("sluice.retry.attempts", "1");
    }

    /** Another tab of the same visitor, with the same page. */
    final ChatWindow inAnotherTab() {
        Page page = visit.context().newPage();
        page.navigate(chat.page().url());
        ChatWindow other = new ChatWindow(page);
        other.awaitReady();
        return other;
    }

    /** Asks a question, and sends one token of the answer. */
    final Exchange begin(String question, String token) throws IOException {
        chat.ask(question);
        Exchange exchange = upstream.next();
        exchange.stream().token(token);
        chat.awaitText(token);
        return exchange;
    }

    /** Asks a question and answers it completely. */
    final void answer(String question, String text) throws IOException {
        ask(chat, question, text);
    }

    /** The same in the given tab. */
    static void ask(ChatWindow tab, String question, String text) throws IOException {
        tab.ask(question);
        assertThat(answer(tab, text).prompt()).isEqualTo(question);
    }

    /** Answers the question that was asked in a tab. */
    static Exchange answer(ChatWindow tab, String text) throws IOException {
        Exchange exchange = upstream.next();
        exchange.stream().token(text);
        exchange.finish();
        tab.awaitState("done");
        return exchange;
    }
}
