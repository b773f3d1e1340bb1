package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Request;
import com.microsoft.playwright.options.Cookie;
import dev.sluice.it.Completion;
import dev.sluice.it.Exchange;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers in the formats of different servers, and the page in a host application that requires a CSRF token. */
final class ForeignAnswersIT extends ChatTest {
    // ---- Tool calls.

    @Test
    void toolCallsWithOddIndexes_areShown_andTheirExportIsImported() throws IOException {
        chat.ask("weather?");
        Exchange exchange = upstream.next();
        exchange.stream()
                .event(toolCall("\"__proto__\"", "a", "{}"))
                .event(toolCall("1000000000", "b", "[1]"))
                .event(toolCall("3", "c", "[2]"));
        exchange.chunk(Completion.finish("tool_calls") + Completion.DONE);
        exchange.end();
        chat.awaitState("done");
        assertThat(chat.page().locator(".tool pre")).hasText(new String[] {"{}", "[1]", "[2]"});
        assertThat(chat.page().evaluate("() => Object.keys(Array.prototype).length"))
                .isEqualTo(0);
        assertThat(Modules.in(visit).text("""
                        const store = await stores.openStore();
                        const file = await files.conversationsFile(store.all());
                        const [id] = await exchange.importFile(new File([file], 'x.json'), store);
                        const { messages } = await store.get(id);
                        return Object.values(messages).flatMap((each) => each.toolCalls ?? []).map((each) => each.id).join();
                        """)).isEqualTo("a,b,c");
    }

    // ---- Texts and thoughts.

    @Test
    void answerInParts_isShown_andAnotherChoiceIsNot() throws IOException {
        chat.ask("hi");
        Exchange exchange = upstream.next();
        exchange.stream()
                .event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":"
                        + "[{\"type\":\"text\",\"text\":\"Let me think\"}]}]}}]}")
                .event("{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"not asked for\"}},"
                        + "{\"index\":0,\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}}]}");
        exchange.event("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"},"
                + "{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}]}");
        exchange.chunk(Completion.DONE);
        exchange.end();
        chat.awaitState("done");
        chat.awaitText("hello");
        assertThat(chat.answers().last().locator(".thoughts .text")).hasText("Let me think");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"detail":"the quota is gone"}
                    {"error_type":"overloaded","error_message":"the quota is gone"}
                    {"code":500,"message":"the quota is gone"}
                    [{"error":{"message":"the quota is gone"}}]
                    """)
    void flatErrorBeforeDone_isTheEndOfAnAnswerThatFailed(String error) throws IOException {
        chat.ask("hi");
        Exchange exchange = upstream.next();
        exchange.stream().token("half").event(error).chunk(Completion.DONE);
        exchange.end();
        chat.awaitState("failed");
        chat.awaitText("half");
        assertThat(chat.lastFailure()).containsText("the quota is gone");
    }

    // ---- A host application that requires a CSRF token.

    @Test
    void tokenInACookie_isSentAsAHeader_withEachQuestion() throws IOException {
        visit.context()
                .addCookies(List.of(new Cookie("XSRF-TOKEN", "abc%2Bdef")
                        .setUrl(container.base().toString())));
        chat = ChatWindow.open(visit);
        assertThat(asked(chat).headerValue("X-XSRF-TOKEN")).isEqualTo("abc+def");
    }

    @Test
    void tokenInThePage_isSentUnderTheNameThatThePageTells_ratherThanTheCookies() throws IOException {
        visit.context()
                .addCookies(List.of(new Cookie("XSRF-TOKEN", "other")
                        .setUrl(container.base().toString())));
        chat = ChatWindow.open(visit);
        meta(chat, "_csrf_header", "X-Host-Token");
        meta(chat, "_csrf", "abc");
        Request request = asked(chat);
        assertThat(request.headerValue("X-Host-Token")).isEqualTo("abc");
        assertThat(request.headerValue("X-XSRF-TOKEN")).isNull();
    }

    @Test
    void tokenThatNoHeaderCanCarry_orNone_isNotSent() throws IOException {
        meta(chat, "_csrf_header", "X Host: Token");
        meta(chat, "_csrf", "abc");
        assertThat(asked(chat).allHeaders().keySet())
                .noneMatch(name -> name.contains("token") || name.contains("csrf") || name.contains("xsrf"));
    }

    private static void meta(ChatWindow chat, String name, String content) {
        chat.page()
                .evaluate(
                        "([name, content]) => { const meta = document.createElement('meta');"
                                + " Object.assign(meta, { name, content }); document.head.append(meta); }",
                        List.of(name, content));
    }

    /** The request that the page sends for a question. */
    private static Request asked(ChatWindow chat) throws IOException {
        Request request = chat.page().waitForRequest(each -> each.method().equals("POST"), () -> chat.ask("hi"));
        Exchange exchange = upstream.next();
        exchange.stream();
        exchange.finish();
        chat.awaitState("done");
        return request;
    }

    private static String toolCall(String index, String id, String arguments) {
        return "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":" + index + ",\"id\":\"" + id
                + "\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"" + arguments + "\"}}]}}]}";
    }
}
