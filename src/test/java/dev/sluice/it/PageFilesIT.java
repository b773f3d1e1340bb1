package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's files and their caching headers. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class PageFilesIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String MAIN = "/js/main.js";
    private static final Path WEBAPP = Path.of("webapp");

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    PageFilesIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        container = kind.start(Launch.plain());
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        container.close();
    }

    @Test
    void everyFile_isServedAsItIs_withItsTypeAndOneTag() throws Exception {
        for (Path file : files()) {
            String path = "/" + WEBAPP.relativize(file).toString().replace('\\', '/');
            HttpResponse<byte[]> answer = get(path, BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(answer.body()).as(path).isEqualTo(Files.readAllBytes(file));
            String type = answer.headers().firstValue("Content-Type").orElse("none");
            assertThat(type.replace(" ", "")).as(path).isEqualToIgnoringCase(typeOf(path));
            assertThat(answer.headers().allValues("ETag")).as("tags of " + path).hasSize(1);
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(answer.headers().firstValue("Content-Security-Policy"))
                    .as("policy of " + path)
                    .isPresent();
            assertThat(answer.headers().firstValue("Cache-Control"))
                    .as(path)
                    .hasValue(path.matches("/vendor/[^/]+/.+") ? "public, max-age=31536000, immutable" : "no-cache");
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "/, %s, 304",
                "/, W/%s, 304",
                "/js/main.js, `\"other\", %s`, 304",
                "/js/main.js, *, 304",
                "/js/main.js, \"other\", 200",
            })
    void fileThatIsKnown_isNotSentAgain(String path, String known, int status) throws Exception {
        String tag = tagOf(path);
        HttpResponse<byte[]> answer = get(path, BodyHandlers.ofByteArray(), "If-None-Match", known.replace("%s", tag));
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body().length == 0).as("without a body").isEqualTo(status == 304);
        assertThat(answer.headers().allValues("ETag")).containsExactly(tag);
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-cache");
    }

    @Test
    void tags_onSeveralLines_areAllLookedAt() throws Exception {
        HttpResponse<byte[]> answer =
                get(MAIN, BodyHandlers.ofByteArray(), "If-None-Match", "\"other\"", "If-None-Match", tagOf(MAIN));
        assertThat(answer.statusCode()).isEqualTo(304);
    }

    /** Conditional requests by entity tags and dates as the containers' own servlets would send them. */
    @Test
    void conditions_onAnythingButOurTag_countForNothing() throws Exception {
        long size = Files.size(WEBAPP.resolve(MAIN.substring(1)));
        Instant built = Instant.parse("2100-01-01T00:00:00Z");
        assertThat(get(
                                MAIN,
                                BodyHandlers.discarding(),
                                "If-Modified-Since",
                                DateTimeFormatter.RFC_1123_DATE_TIME.format(built.atOffset(ZoneOffset.UTC)),
                                "If-None-Match",
                                "W/\"" + size + "-" + built.toEpochMilli() + "\"")
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {"%s, 200", "*, 200", "`\"other\", %s`, 200", "\"other\", 412", "W/%s, 412"})
    void file_wantedOnlyIfItIsTheSame_isComparedByOurTag(String wanted, int status) throws Exception {
        HttpResponse<byte[]> answer =
                get(MAIN, BodyHandlers.ofByteArray(), "If-Match", wanted.replace("%s", tagOf(MAIN)));
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-9", "bytes=0-1,5-6", "bytes=99999999-", "bytes=-5", "nonsense"})
    void range_ofAFile_isTheWholeFile(String range) throws Exception {
        HttpResponse<byte[]> answer = get(MAIN, BodyHandlers.ofByteArray(), "Range", range);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Accept-Ranges")).hasValue("none");
        assertThat(answer.body()).isEqualTo(Files.readAllBytes(WEBAPP.resolve(MAIN.substring(1))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", MAIN, "/vendor/vendor.lock.json"})
    void head_ofAFile_isThatOfItsGet(String path) throws Exception {
        HttpResponse<byte[]> whole = get(path, BodyHandlers.ofByteArray());
        HttpResponse<byte[]> head = send("HEAD", path, BodyHandlers.ofByteArray());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String name : List.of("Content-Type", "ETag", "Cache-Control", "Content-Security-Policy")) {
            assertThat(head.headers().allValues(name))
                    .as(name)
                    .isEqualTo(whole.headers().allValues(name));
        }
        assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(whole.body().length);
    }

    /** More clients than a container has threads. */
    @Test
    void clients_thatTakeNothingOfALargeFile_holdNobodyUp() throws Exception {
        Path large =
                files().stream().max(Comparator.comparing(PageFilesIT::size)).orElseThrow();
        assertThat(size(large)).as("more than buffers take").isGreaterThan(500_000);
        Deque<RawClient> stalled = new ArrayDeque<>();
        try {
            for (int i = 0; i < 250; i++) {
                stalled.add(RawClient.connect(container.base(), 4096).get("/" + WEBAPP.relativize(large)));
            }
            for (RawClient client : stalled) {
                assertThat(client.status()).isEqualTo(200);
            }
            assertThat(stalled.getLast().body()).isEqualTo(Files.readString(large));
        } finally {
            for (RawClient client : stalled) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void file_askedForByAnotherMethod_isA405(String method) throws Exception {
        for (String path : List.of("/", MAIN)) {
            HttpResponse<String> answer = send(method, path, BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(path).isEqualTo(405);
            assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
            assertThat(answer.headers().allValues("ETag")).as("tags").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/js/none.js",
                "/js/",
                "/js",
                "/vendor/katex-0.19.1/fonts",
                "/LICENSE",
                "/css/base.css/x",
                "/none.jsp",
                "/js/none.JSPX"
            })
    void pathOfNoFile_isToldInOurWords(String path) throws Exception {
        HttpResponse<String> answer = get(path, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(path).isEqualTo(404);
        assertThat(Json.read(answer.body()).at("/error/code").asString()).isEqualTo("not_found");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/js/none.js",
                "/vendor/none-1.0.0/none.js",
                "/js/../WEB-INF/web.xml",
                "/js/%2e%2e/WEB-INF/web.xml",
                "/WEB-INF/web.xml",
                "/js/..;/WEB-INF/web.xml",
                "/dev/sluice/standalone/Main.class",
                "/dev/sluice/standalone/",
                "/js/../dev/sluice/standalone/Main.class",
                "/js/..;/dev/sluice/standalone/Main.class",
                "/META-INF/standalone/logging.properties",
                "/META-INF/standalone/jetty-server-12.1.12.jar",
                "/META-INF/MANIFEST.MF"
            })
    void fileThatIsNotThere_isNotFoundAndNotKept(String path) throws Exception {
        HttpResponse<String> answer = get(path, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(path).isBetween(400, 404);
        assertThat(answer.body()).doesNotContain("web-app", "Sluice", "handlers=");
        assertThat(answer.headers().firstValue("ETag")).isEmpty();
        assertThat(answer.headers().firstValue("Cache-Control").orElse("none")).doesNotContain("immutable");
    }

    private static String tagOf(String path) throws Exception {
        return get(path, BodyHandlers.discarding()).headers().firstValue("ETag").orElseThrow();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(WEBAPP)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(WEBAPP.resolve("WEB-INF")))
                    .toList();
        }
    }

    private static String typeOf(String path) {
        if (path.contains("/LICENSE")) {
            return "text/plain;charset=utf-8"; // LICENSE.punycode.js is no script
        }
        return switch (path.substring(path.lastIndexOf('.') + 1)) {
            case "html" -> "text/html;charset=utf-8";
            case "css" -> "text/css;charset=utf-8";
            case "js" -> "text/javascript;charset=utf-8";
            case "json" -> "application/json";
            case "svg" -> "image/svg+xml";
            case "woff2" -> "font/woff2";
            default -> throw new AssertionError("Which type is " + path + " of?");
        };
    }

    private static <T> HttpResponse<T> get(String path, HttpResponse.BodyHandler<T> handler, String... headers)
            throws Exception {
        return send("GET", path, handler, headers);
    }

    private static <T> HttpResponse<T> send(
            String method, String path, HttpResponse.BodyHandler<T> handler, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(container.base() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), handler);
    }
}
