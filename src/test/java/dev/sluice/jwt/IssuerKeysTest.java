package dev.sluice.jwt;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.relay.ManualClock;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When the keys of an issuer are fetched, how long they are used, and what the log tells of it. */
class IssuerKeysTest {
    private static final String ISSUER = "https://login.example/realms/ours";
    private static final URI KEYS = URI.create("https://login.example/keys");
    private static final long MINUTE = Duration.ofMinutes(1).toMillis();
    private static final long HOUR = Duration.ofHours(1).toMillis();

    @SuppressWarnings("NullAway.Init")
    private static String one;

    @SuppressWarnings("NullAway.Init")
    private static String two;

    private final ManualClock clock = new ManualClock();
    private final FakeSource source = new FakeSource();
    private final IssuerKeys keys = keys(KEYS, ISSUER);

    private final Logger logger = Logger.getLogger(IssuerKeys.class.getName());
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            lines.add(entry.getLevel() + " " + entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeAll
    static void generate() throws Exception {
        one = Signer.jwks(Signer.rsa("one"));
        two = Signer.jwks(Signer.rsa("two"));
    }

    @BeforeEach
    void listen() {
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void keys_areFetchedAtTheStartAndAgainLater() {
        assertThat(source.asked()).isZero();
        keys.start();
        assertThat(source.last().url).isEqualTo(KEYS);
        assertThat(keys.keys()).isNull();
        source.last().answer(one);
        assertThat(keys.keys()).isNotNull();
        clock.pass(5 * MINUTE - 1);
        assertThat(source.asked()).isEqualTo(1);
        clock.pass(1);
        assertThat(source.asked()).isEqualTo(2);
        assertThat(keys.keys()).as("while others are fetched").isNotNull();
    }

    @Test
    void keys_unchanged_stayTheSameObject() {
        startWith(one);
        KeySet before = keys.keys();
        clock.pass(5 * MINUTE);
        source.last().answer(one);
        assertThat(keys.keys()).as("so that verified tokens are remembered").isSameAs(before);
        clock.pass(5 * MINUTE);
        source.last().answer(two);
        assertThat(keys.keys()).isNotNull().isNotSameAs(before);
        assertThat(lines).hasSize(1);
    }

    // Outages

    @Test
    void keys_ofAnIssuerThatIsDownForAnHour_stayInUse_withOneLine() {
        startWith(one);
        lines.clear();
        int before = source.asked();
        for (long passed = 0; passed < HOUR; passed += 1000) {
            clock.pass(1000);
            failIfAsked(before);
            before = source.asked();
            assertThat(keys.keys()).isNotNull();
            var unused = keys.fetch(); // as a token with an unknown key does
            failIfAsked(before);
            before = source.asked();
        }
        assertThat(lines)
                .containsExactly("WARNING The keys of the issuer ours (" + ISSUER + ") could not be fetched: " + KEYS
                        + ": down. Those that are known are used for 24 hours.");
        assertThat(source.asked()).as("fetches in an hour").isBetween(100, 260);
        lines.clear();
        while (source.asked() == before) {
            clock.pass(1000);
        }
        source.last().answer(two);
        assertThat(lines).containsExactly("INFO The keys of the issuer ours (" + ISSUER + ") can be fetched again.");
        clock.pass(5 * MINUTE);
        source.last().answer(two);
        assertThat(lines).hasSize(1);
    }

    @Test
    void keys_notFetchedForADay_areUsedNoLonger_whichIsOneLineMore() {
        startWith(one);
        lines.clear();
        int before = source.asked();
        for (int passed = 0; passed < 24 * 60 * 6; passed++) {
            clock.pass(10_000);
            failIfAsked(before);
            before = source.asked();
        }
        assertThat(keys.keys()).isNotNull();
        clock.pass(1);
        assertThat(keys.keys()).isNull();
        clock.pass(30_000);
        failIfAsked(before);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(1))
                .contains("could not be fetched for 24 hours", "answered with 503", "sluice.issuers.ours.jwks");
    }

    @Test
    void keys_neverFetched_areFetchedEveryFiveSeconds_withOneLine() {
        keys.start();
        for (int i = 1; i < 100; i++) {
            assertThat(source.asked()).isEqualTo(i);
            source.last().fail("down");
            clock.pass(5000);
        }
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .startsWith("WARNING The keys of the issuer ours")
                .contains(KEYS + ": down", "Check sluice.issuers.ours.jwks");
        source.last().answer(one);
        assertThat(keys.keys()).isNotNull();
        assertThat(lines).hasSize(2).last().asString().contains("can be fetched again");
    }

    @Test
    void fetch_withoutAnAnswer_endsAfterFiveSeconds() {
        keys.start();
        CompletableFuture<Void> fetch = keys.fetch();
        assertThat(fetch).isNotNull().isNotDone();
        clock.pass(5000);
        assertThat(fetch).isDone();
        assertThat(source.last().isCancelled()).isTrue();
        assertThat(lines).singleElement().asString().contains("there was no answer within 5 s");
        source.last().answer(one);
        assertThat(keys.keys()).as("what comes too late").isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "{\"keys\":{}}", "{\"keys\":[1]}", "<html>"})
    void answer_withoutKeys_isAFailure(String answer) {
        startWith(one);
        clock.pass(5 * MINUTE);
        source.last().answer(answer);
        assertThat(keys.keys()).isNotNull();
        assertThat(lines).hasSize(2).last().asString().contains("not usable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}"})
    void keys_thatTheIssuerWithdraws_areUsedNoLonger_untilItPublishesOthers(String none) {
        startWith(one);
        lines.clear();
        clock.pass(5 * MINUTE);
        source.last().answer(none);
        assertThat(keys.keys()).isNull();
        clock.pass(5000);
        source.last().answer(none);
        assertThat(lines)
                .containsExactly("WARNING The keys of the issuer ours (" + ISSUER + ") are withdrawn: it publishes none"
                        + " for signatures. Until it does, its tokens are answered with 503. Check"
                        + " sluice.issuers.ours.jwks.");
        clock.pass(5000);
        source.last().answer(two);
        assertThat(keys.keys()).isNotNull();
        assertThat(lines).hasSize(2).last().asString().startsWith("INFO ");
    }

    // Unknown keys

    @Test
    void fetch_forUnknownKeys_isMadeOnceIn30Seconds() {
        startWith(one);
        List<@Nullable CompletableFuture<Void>> fetches = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            fetches.add(keys.fetch());
        }
        assertThat(source.asked()).isEqualTo(2);
        assertThat(fetches).doesNotContainNull().noneMatch(CompletableFuture::isDone);
        source.last().answer(two);
        assertThat(fetches).allMatch(CompletableFuture::isDone);
        for (int second = 0; second < 30; second++) {
            assertThat(keys.fetch()).as("nothing to wait for").isNull();
            clock.pass(1000);
        }
        assertThat(source.asked()).isEqualTo(2);
        assertThat(keys.fetch()).isNotNull();
        assertThat(source.asked()).isEqualTo(3);
        assertThat(lines).hasSize(1);
    }

    /** A key may have been replaced right behind a fetch. */
    @Test
    void fetch_forAnUnknownKey_isMadeRightBehindARegularOne() {
        startWith(one);
        assertThat(keys.fetch()).isNotNull();
        assertThat(source.asked()).isEqualTo(2);
    }

    @Test
    void fetch_forAnUnknownKey_isTheRegularOneWhileThatRuns() {
        startWith(one);
        clock.pass(5 * MINUTE);
        assertThat(keys.fetch()).isNotNull().isNotDone();
        assertThat(source.asked()).isEqualTo(2);
    }

    @Test
    void fetch_forAnUnknownKey_postponesTheRegularOne() {
        startWith(one);
        clock.pass(4 * MINUTE);
        assertThat(keys.fetch()).isNotNull();
        source.last().answer(one);
        clock.pass(5 * MINUTE - 1);
        assertThat(source.asked()).isEqualTo(2);
        clock.pass(1);
        assertThat(source.asked()).isEqualTo(3);
    }

    @Test
    void fetch_thatThousandsWaitFor_takesNoMore() {
        startWith(one);
        for (int i = 0; i < IssuerKeys.MOST_WAITING; i++) {
            assertThat(keys.fetch()).isNotNull();
        }
        assertThat(keys.fetch()).isNull();
    }

    @Test
    void fetch_whileNoKeysAreKnown_isNotMadeForRequests() {
        keys.start();
        source.last().fail("down");
        assertThat(keys.fetch()).isNull();
        assertThat(source.asked()).isEqualTo(1);
    }

    // Discovery

    @ParameterizedTest
    @CsvSource({
        "https://login.example/realms/ours, https://login.example/realms/ours/.well-known/openid-configuration",
        "https://login.example/, https://login.example/.well-known/openid-configuration",
        "https://login.example, https://login.example/.well-known/openid-configuration"
    })
    void discovery_isBelowTheIssuer_andTellsWhereTheKeysAre(String issuer, String url) {
        IssuerKeys discovered = keys(null, issuer);
        discovered.start();
        assertThat(source.last().url).hasToString(url);
        source.last().answer("{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"https://keys.example/jwks\"}");
        assertThat(source.last().url).hasToString("https://keys.example/jwks");
        assertThat(discovered.keys()).isNull();
        source.last().answer(one);
        assertThat(discovered.keys()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://login.example/realms/other | https://login.example/k | its issuer is not " + ISSUER,
                ISSUER + "/ | https://login.example/k | its issuer is not " + ISSUER,
                ISSUER + " | http://login.example/k | its jwks_uri is no https URL",
                ISSUER + " | http://127.0.0.1/k | its jwks_uri is no https URL",
                ISSUER + " | file:/etc/passwd | its jwks_uri is no https URL",
                ISSUER + " | k | its jwks_uri is no https URL"
            })
    void discovery_thatIsNotThatOfTheIssuer_isAFailure(String issuer, String url, String reason) {
        IssuerKeys discovered = keys(null, ISSUER);
        discovered.start();
        source.last().answer("{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + url + "\"}");
        assertThat(source.asked()).isEqualTo(1);
        assertThat(lines).singleElement().asString().contains(reason, "Check sluice.issuers.ours.issuer");
    }

    @Test
    void discovery_onThisMachine_mayTellOfKeysOnIt() {
        IssuerKeys discovered = keys(null, "http://localhost:1");
        discovered.start();
        source.last().answer("{\"issuer\":\"http://localhost:1\",\"jwks_uri\":\"http://localhost:2/k\"}");
        assertThat(source.last().url).hasToString("http://localhost:2/k");
    }

    @Test
    void discovery_withoutAnAnswer_endsAfterFiveSecondsInAll() {
        IssuerKeys discovered = keys(null, ISSUER);
        discovered.start();
        clock.pass(4000);
        source.last().answer("{\"issuer\":\"" + ISSUER + "\",\"jwks_uri\":\"" + KEYS + "\"}");
        CompletableFuture<Void> fetch = discovered.fetch();
        clock.pass(1000);
        assertThat(fetch).isNotNull().isDone();
        assertThat(source.last().isCancelled()).isTrue();
    }

    // The end

    @Test
    void stop_endsWhatIsWaitedFor_andFetchesNothingMore() {
        startWith(one);
        CompletableFuture<Void> fetch = keys.fetch();
        keys.stop();
        assertThat(fetch).isNotNull().isDone();
        assertThat(source.last().isCancelled()).isTrue();
        assertThat(keys.fetch()).isNull();
        assertThat(clock.pending()).isZero();
        clock.pass(HOUR);
        assertThat(source.asked()).isEqualTo(2);
        assertThat(lines).hasSize(1);
    }

    @Test
    void knownTokens_areBoundedByTheirLength() throws Exception {
        startWith(one);
        KeySet known = requireNonNull(keys.keys());
        KnownTokens tokens = new KnownTokens();
        var caller = new dev.sluice.relay.Caller("ada", dev.sluice.relay.Caller.Basis.TOKEN, java.util.Set.of());
        String padding = "x".repeat(16 * 1024 - 8);
        for (int i = 0; i < 1000; i++) {
            tokens.add(padding + (10_000_000 + i), caller, Double.MAX_VALUE, keys, known);
            tokens.add(padding + 10_000_000, caller, Double.MAX_VALUE, keys, known);
        }
        assertThat(tokens.size()).isEqualTo(KnownTokens.MOST_CHARACTERS / (16 * 1024));
        assertThat(tokens.callerOf(padding + 10_000_999, 0)).isEqualTo(caller);
        assertThat(tokens.callerOf(padding + 10_000_000, 0))
                .as("used all the time")
                .isEqualTo(caller);
        assertThat(tokens.callerOf(padding + 10_000_001, 0)).isNull();
    }

    private void startWith(String jwks) {
        keys.start();
        source.last().answer(jwks);
    }

    private void failIfAsked(int before) {
        if (source.asked() > before) {
            source.last().fail("down");
        }
    }

    private IssuerKeys keys(@Nullable URI jwks, String issuer) {
        return new IssuerKeys(
                new IssuerKeys.Source("ours", issuer, jwks, Duration.ofMinutes(5)), source, clock, Runnable::run);
    }
}
