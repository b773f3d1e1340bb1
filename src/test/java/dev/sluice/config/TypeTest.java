package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TypeTest {
    private static final Type<Long> SIZE = Type.size("1KiB", "65536MiB");
    private static final Type<Duration> TIME = Type.time("100ms", "24h");

    @ParameterizedTest
    @CsvSource({
        "1024, 1024",
        "1024B, 1024",
        "1KiB, 1024",
        "1 KiB, 1024",
        "3MiB, 3145728",
        "064KiB, 65536",
        "65536MiB, 68719476736",
    })
    void size_wellFormed_isThatManyBytes(String text, long bytes) {
        assertThat(SIZE.parse().apply(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1023",
                "65537MiB",
                "0",
                "-1024",
                "+1024",
                "1.5MiB",
                "1kib",
                "1KB",
                "1M",
                "1GiB",
                "KiB",
                "1KiB x",
                "1\tKiB",
                "1024\n",
                "99999999999999999999",
                "999999999999MiB",
                "١٠٢٤"
            })
    void size_illFormedOrOutOfRange_isRefused(String text) {
        assertRefused(SIZE, text);
        assertThat(SIZE.expected()).contains("1KiB to 65536MiB", "B, KiB or MiB");
    }

    @ParameterizedTest
    @CsvSource({"100ms, 100", "15s, 15000", "15 s, 15000", "2m, 120000", "1h, 3600000", "24h, 86400000"})
    void time_wellFormed_isThatManyMilliseconds(String text, long millis) {
        assertThat(TIME.parse().apply(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "99ms",
                "25h",
                "15",
                "0s",
                "-1s",
                "1.5s",
                "1S",
                "1sec",
                "1m30s",
                "PT15S",
                "1d",
                "s",
                "1us",
                "999999999999h",
                "9999999999999999999s"
            })
    void time_illFormedOrOutOfRange_isRefused(String text) {
        assertRefused(TIME, text);
        assertThat(TIME.expected()).contains("100ms to 24h", "a plain number is not enough", "ms, s, m or h");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "-1", "+1", "1e1", "1.0", "0x1", "ten", "2147483648", "99999999999"})
    void number_illFormedOrOutOfRange_isRefused(String text) {
        Type<Integer> number = Type.number(1, 10);
        assertRefused(number, text);
        assertThat(number.expected()).contains("from 1 to 10");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRUE", "True", "yes", "1", "on", "truefalse"})
    void flag_otherThanTrueOrFalse_isRefused(String text) {
        assertRefused(Type.FLAG, text);
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.x.ai/v1, https://api.x.ai/v1",
        "https://api.x.ai/v1//, https://api.x.ai/v1",
        "http://127.0.0.1:8081, http://127.0.0.1:8081",
        "http://[::1]:8081/, http://[::1]:8081",
        "HTTPS://Host.Example:443/V1, https://host.example/V1",
        "http://host:80/a%20b, http://host/a%20b",
        "http://host:443, http://host:443",
        "simulator:, simulator:/",
    })
    void url_wellFormed_isNormalised(String text, String url) {
        assertThat(Type.URL.parse().apply(text)).hasToString(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api.x.ai/v1",
                "//api.x.ai",
                "/v1",
                "ftp://host",
                "http:",
                "http://",
                "http:///v1",
                "http:host",
                "https://user@host",
                "https://user:pw@host/v1",
                "https://host/v1?key=1",
                "https://host/v1#x",
                "http://host:0",
                "http://host:65536",
                "http://host:-1",
                "http://under_score",
                "http://a b",
                "simulator",
                "simulator:x",
                "simulator://host"
            })
    void url_illFormed_isRefused(String text) {
        assertRefused(Type.URL, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://user:pw@host", "https://us er:p/w@host", "https://host?pw", "host#pw", "a\n?pw"})
    void url_thatMayHoldAPassword_isNotShown(String text) {
        assertThat(Type.URL.show().apply(text)).isEqualTo("****");
        assertThat(Type.ORIGINS.show().apply("https://a," + text)).isEqualTo("****");
    }

    @Test
    void origins_wellFormed_areWrittenAsBrowsersDo() {
        assertThat(Type.ORIGINS
                        .parse()
                        .apply("https://App.Example:443 ,http://localhost:3000,http://a:80,chrome-extension://abc"))
                .containsExactly("https://app.example", "http://localhost:3000", "http://a", "chrome-extension://abc");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "null",
                "https://a/",
                "https://a/b",
                "https://a?b",
                "https://u@a",
                "a.example",
                "https://",
                "https://*.a",
                "mailto:a",
                "https://a,",
                ",https://a",
                "https://a,,https://b",
                "https://a https://b"
            })
    void origins_illFormed_areRefused(String text) {
        assertRefused(Type.ORIGINS, text);
    }

    @Test
    void secrets_separatedByCommas_areEachTaken() {
        assertThat(Type.SECRETS.parse().apply("one, two/+=:|~ ,three"))
                .extracting(Secret::reveal)
                .containsExactly("one", "two/+=:|~", "three");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"one,", ",one", "one,,two", "one, ,two", "on e", "\"one\"", "'one'", "één", "a\nb", "a\u0000"})
    void secrets_blankOrUnfitForAHeader_areRefused(String text) {
        assertRefused(Type.SECRETS, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "}", "[]", "null", "max_tokens: 1", "{\"a\": 1},", "\"{}\""})
    void object_withoutItsBraces_isRefused(String text) {
        assertRefused(Type.OBJECT, text);
        assertThat(Type.OBJECT.parse().apply("{\"max_tokens\": 4096}")).isEqualTo("{\"max_tokens\": 4096}");
    }

    @Test
    void defaults_allOfTheTable_areWellFormed() {
        assertThat(Options.all()).hasSizeGreaterThan(40).allSatisfy(option -> {
            String fallback = option.fallback();
            assertThat(fallback == null ? null : option.fault(fallback))
                    .as("the fault of the default of " + option.name())
                    .isNull();
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "redis://cache redis://cache:6379",
                "redis://my_cache redis://my_cache:6379",
                "REDISS://cache:7000/3 rediss://cache:7000/3",
                "redis://:pass%40word@10.0.0.7/ redis://****@10.0.0.7:6379",
                "rediss://sluice:secret@[fd00::1]:7000 rediss://****@[fd00::1]:7000",
            })
    void store_wellFormed_isShownWithoutWhoLogsIn(String text, String shown) {
        assertThat(Type.STORE.parse().apply(text)).hasToString(shown);
        assertThat(Type.STORE.show().apply(text)).isEqualTo(shown);
    }

    @Test
    void store_isReadWhole() {
        StoreUrl url = Type.STORE.parse().apply("rediss://slu+ice:a%3Ab%2f@cache:7000/3");
        assertThat(url).isEqualTo(new StoreUrl(true, "cache", 7000, "slu+ice", new Secret("a:b/"), 3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cache:6379",
                "http://cache",
                "redis:cache",
                "redis://",
                "redis://secret@cache",
                "redis://user:@cache",
                "redis://:se@cret@cache",
                "redis://:se%zzcret@cache",
                "redis://cache:0",
                "redis://cache:65536",
                "redis://cache/one",
                "redis://cache/0?timeout=1s",
                "redis://:secret@one,two",
            })
    void store_illFormed_isRefusedAndNotShown(String text) {
        assertRefused(Type.STORE, text);
        assertThat(Type.STORE.show().apply(text)).isEqualTo("****");
    }

    private static void assertRefused(Type<?> type, String text) {
        Option<?> option = new Option<>("sluice.some", null, "–", type, "some", "");
        assertThat(option.fault(text)).as("the fault of \"%s\"", text).isNotNull();
    }
}
