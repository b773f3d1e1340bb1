package dev.sluice.config;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.config.Settings.UpstreamModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import javax.naming.NameNotFoundException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class SettingsReaderTest {
    private final Path directory;

    /** The input of the reader. Each test sets what it needs. */
    private String classPath = "";

    private final Map<String, String> contextParameters = new HashMap<>();
    private final Map<String, Object> jndi = new HashMap<>();
    private final Properties systemProperties = new Properties();
    private final Map<String, String> environment = new HashMap<>();

    SettingsReaderTest(@TempDir Path directory) {
        this.directory = directory;
    }

    // Defaults

    @Test
    void read_nothingSet_isTheTableOfDefaults() {
        Configuration configuration = read();
        Settings settings = configuration.settings();
        assertThat(settings.upstreams().get(0).simulator()).isTrue();
        assertThat(settings.upstreams().get(0))
                .isEqualTo(new Settings.Upstream(
                        "default",
                        settings.upstreams().get(0).url(),
                        null,
                        Settings.Auth.BEARER,
                        10_000,
                        Duration.ofSeconds(5),
                        Duration.ofHours(1),
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(10),
                        true,
                        false,
                        null,
                        null,
                        "chat-completions"));
        assertThat(settings.upstreams()).hasSize(1);
        assertThat(settings.models()).isEqualTo(new Settings.Models(new TreeMap<>(), "default", Duration.ofMinutes(5)));
        assertThat(settings.retry()).isEqualTo(new Settings.Retry(3, Duration.ofSeconds(5), false));
        assertThat(settings.chat()).isEqualTo(new Settings.Chat("sim/fast", 1024, "max_tokens", null));
        assertThat(settings.stream())
                .isEqualTo(new Settings.Stream(
                        1 << 20, 32_768, Duration.ofSeconds(15), Duration.ofMinutes(2), Duration.ofSeconds(10)));
        assertThat(settings.body()).isEqualTo(new Settings.Body(32 << 20, 1 << 20, 64 << 20, Duration.ofSeconds(30)));
        assertThat(settings.access()).isEqualTo(new Settings.Access(List.of(), false, List.of(), List.of()));
        assertThat(settings.identities()).isEqualTo(Settings.Identities.NONE);
        assertThat(settings.ready()).isEqualTo(new Settings.Ready(false));
        assertThat(configuration.warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.anthropic.com/v1, API_KEY",
        "https://eu.anthropic.com/v1, API_KEY",
        "https://api.openai.com/v1, BEARER",
        "https://anthropic.com.example/v1, BEARER",
        "http://127.0.0.1:8081/v1, BEARER",
    })
    void auth_notSet_isThatOfTheUpstreamsHost(String url, Settings.Auth auth) {
        contextParameters.put("sluice.upstream.url", url);
        assertThat(read().settings().upstreams().get(0).auth()).isEqualTo(auth);
        contextParameters.put("sluice.upstream.auth", auth == Settings.Auth.BEARER ? "x-api-key" : "bearer");
        assertThat(read().settings().upstreams().get(0).auth()).isNotEqualTo(auth);
    }

    @Test
    void read_everythingSet_reachesItsPlace() {
        contextParameters.putAll(Map.ofEntries(
                Map.entry("sluice.upstream.url", "https://llm.example/v1/"),
                Map.entry("sluice.upstream.key", "key-1"),
                Map.entry("sluice.upstream.max-streams", "7"),
                Map.entry("sluice.upstream.connect-timeout", "1s"),
                Map.entry("sluice.upstream.first-token-timeout", "2s"),
                Map.entry("sluice.upstream.idle-timeout", "3s"),
                Map.entry("sluice.upstream.token-timeout", "4s"),
                Map.entry("sluice.upstream.finish-reason", "optional"),
                Map.entry("sluice.upstream.include-usage", "false"),
                Map.entry("sluice.upstream.defaults", "{\"top_k\": 1}"),
                Map.entry("sluice.upstreams.b.url", "http://127.0.0.1:8081"),
                Map.entry("sluice.upstreams.b.key", "key-2"),
                Map.entry("sluice.upstreams.b.auth", "x-api-key"),
                Map.entry("sluice.upstreams.b.max-streams", "9"),
                Map.entry("sluice.upstreams.b.connect-timeout", "5s"),
                Map.entry("sluice.upstreams.b.first-token-timeout", "6s"),
                Map.entry("sluice.upstreams.b.idle-timeout", "7s"),
                Map.entry("sluice.upstreams.b.token-timeout", "8s"),
                Map.entry("sluice.upstreams.b.finish-reason", "optional"),
                Map.entry("sluice.upstreams.b.include-usage", "false"),
                Map.entry("sluice.upstreams.b.defaults", "{}"),
                Map.entry("sluice.models.m", "b/x, default/y"),
                Map.entry("sluice.models.*", "b/*"),
                Map.entry("sluice.catalog.max-age", "1s"),
                Map.entry("sluice.retry.attempts", "10"),
                Map.entry("sluice.retry.budget", "0s"),
                Map.entry("sluice.retry.lost", "true"),
                Map.entry("sluice.client.stall-timeout", "4s"),
                Map.entry("sluice.chat.model", "m"),
                Map.entry("sluice.chat.max-tokens", "8"),
                Map.entry("sluice.chat.max-tokens-field", "max_completion_tokens"),
                Map.entry("sluice.chat.system", "Be brief."),
                Map.entry("sluice.chat.max-bytes", "2KiB"),
                Map.entry("sluice.event.max-bytes", "2KiB"),
                Map.entry("sluice.buffer.bytes", "1024"),
                Map.entry("sluice.heartbeat", "100ms"),
                Map.entry("sluice.drain", "0s"),
                Map.entry("sluice.request.max-bytes", "3KiB"),
                Map.entry("sluice.request.timeout", "5s"),
                Map.entry("sluice.request.max-total-bytes", "3072"),
                Map.entry("sluice.access.keys", "a,b"),
                Map.entry("sluice.access.open", "false"),
                Map.entry("sluice.metrics.open", "true"),
                Map.entry("sluice.cors.origins", "https://app.example"),
                Map.entry("sluice.ready.needs-upstream", "true"),
                Map.entry("sluice.proxies", "127.0.0.1, fd00::/8")));
        Settings settings = read().settings();
        Settings.Upstream upstream = settings.upstreams().get(0);
        assertThat(upstream.simulator()).isFalse();
        assertThat(upstream.url()).hasToString("https://llm.example/v1");
        assertThat(key(settings)).isEqualTo("key-1");
        assertThat(upstream.maxStreams()).isEqualTo(7);
        assertThat(List.of(upstream.connectTimeout(), upstream.firstTokenTimeout(), upstream.idleTimeout()))
                .containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3));
        assertThat(upstream.tokenTimeout()).isEqualTo(Duration.ofSeconds(4));
        assertThat(upstream.finishReasonOptional()).isTrue();
        assertThat(upstream.includeUsage()).isFalse();
        assertThat(upstream.defaults()).isEqualTo("{\"top_k\": 1}");
        Settings.Upstream other = settings.upstreams().get(1);
        assertThat(other)
                .isEqualTo(new Settings.Upstream(
                        "b",
                        URI.create("http://127.0.0.1:8081"),
                        other.key(),
                        Settings.Auth.API_KEY,
                        9,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(6),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(8),
                        false,
                        true,
                        "{}",
                        null,
                        "chat-completions"));
        assertThat(key(other)).isEqualTo("key-2");
        assertThat(settings.upstreams()).hasSize(2);
        assertThat(settings.models().aliases())
                .containsExactly(
                        Map.entry("m", List.of(new UpstreamModel("b", "x"), new UpstreamModel("default", "y"))));
        assertThat(settings.models().others()).isEqualTo("b");
        assertThat(settings.models().maxAge()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.retry()).isEqualTo(new Settings.Retry(10, Duration.ZERO, true));
        assertThat(settings.chat()).isEqualTo(new Settings.Chat("m", 8, "max_completion_tokens", "Be brief."));
        assertThat(settings.stream())
                .isEqualTo(
                        new Settings.Stream(2048, 1024, Duration.ofMillis(100), Duration.ofSeconds(4), Duration.ZERO));
        assertThat(settings.body()).isEqualTo(new Settings.Body(3072, 2048, 3072, Duration.ofSeconds(5)));
        assertThat(settings.access().keys()).extracting(Secret::reveal).containsExactly("a", "b");
        assertThat(settings.metrics().open()).isTrue();
        assertThat(settings.access().corsOrigins()).containsExactly("https://app.example");
        assertThat(settings.ready().needsUpstream()).isTrue();
    }

    // Layers

    @Test
    void read_sameNameInEveryLayer_theLaterWins() throws IOException {
        List<String> winners = new ArrayList<>();
        classPath = "sluice.chat.model=class-path";
        winners.add(model());
        systemProperties.put("sluice.config", file("sluice.chat.model=file"));
        winners.add(model());
        contextParameters.put("sluice.chat.model", "context");
        winners.add(model());
        jndi.put("chat", JndiLayerTest.context(Map.of("model", "jndi")));
        winners.add(model());
        systemProperties.put("sluice.chat.model", "system");
        winners.add(model());
        environment.put("SLUICE_CHAT_MODEL", "environment");
        winners.add(model());
        assertThat(winners).containsExactly("class-path", "file", "context", "jndi", "system", "environment");
    }

    @ParameterizedTest
    @ValueSource(strings = {"class path", "context", "jndi", "system", "environment"})
    void read_fileNamedByAnyLayer_isReadAboveTheClassPathOnly(String layer) throws IOException {
        String file = file("sluice.heartbeat=1s\nsluice.drain=1s\n");
        classPath = "sluice.heartbeat=2s\n";
        contextParameters.put("sluice.drain", "2s");
        switch (layer) {
            case "class path" -> classPath += "sluice.config=" + file.replace("\\", "\\\\");
            case "context" -> contextParameters.put("sluice.config", file);
            case "jndi" -> jndi.put("config", file);
            case "system" -> systemProperties.put("sluice.config", file);
            default -> environment.put("SLUICE_CONFIG", file);
        }
        Settings.Stream stream = read().settings().stream();
        assertThat(stream.heartbeat()).as("the file over the class path").isEqualTo(Duration.ofSeconds(1));
        assertThat(stream.drain()).as("a context parameter over the file").isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void read_fileNamedTwice_theLaterNameWins() throws IOException {
        contextParameters.put("sluice.config", directory.resolve("absent").toString());
        environment.put("SLUICE_CONFIG", file("sluice.chat.model=right"));
        assertThat(model()).isEqualTo("right");
    }

    @Test
    void read_fileInUtf8WithByteOrderMark_isUnderstood() throws IOException {
        systemProperties.put("sluice.config", file("\uFEFFsluice.chat.system=Fasse dich kürzer. 😀  \n"));
        assertThat(read().settings().chat().system()).isEqualTo("Fasse dich kürzer. 😀");
    }

    @Test
    void read_fileThatCannotBeUsed_isAFaultThatNamesItAndWhoNamedIt() throws IOException {
        Path absent = directory.resolve("absent.properties");
        environment.put("SLUICE_CONFIG", absent.toString());
        assertThat(faults())
                .singleElement()
                .asString()
                .contains(absent.toString(), "cannot be read: NoSuchFileException", "SLUICE_CONFIG");

        environment.put("SLUICE_CONFIG", directory.toString());
        assertThat(faults()).singleElement().asString().contains("cannot be read");

        environment.put("SLUICE_CONFIG", "a\0b");
        assertThat(faults()).singleElement().asString().contains("a?b", "cannot be read");

        environment.put("SLUICE_CONFIG", file("sluice.chat.model=\\u12"));
        assertThat(faults()).singleElement().asString().contains("cannot be read", "\\uxxxx");

        Path latin1 = Files.write(
                directory.resolve("latin1"), "sluice.chat.system=\u00FC\n".getBytes(StandardCharsets.ISO_8859_1));
        environment.put("SLUICE_CONFIG", latin1.toString());
        assertThat(faults()).singleElement().asString().contains("is not UTF-8");

        environment.put("SLUICE_CONFIG", file("sluice.config=other"));
        assertThat(faults()).singleElement().asString().contains("must not name a further file");
    }

    @Test
    void read_classPathFileThatCannotBeUsed_isAFault() {
        classPath = "sluice.chat.model=\\u12";
        assertThat(faults()).singleElement().asString().contains("sluice.properties on the class path", "\\uxxxx");
    }

    @Test
    void read_namesOfOthers_areLeftAlone() {
        contextParameters.put("org.example.sluice", "x");
        systemProperties.put("java.version", "x");
        systemProperties.put("sluiceish", "x");
        systemProperties.put("XAI_API_KEY", "x");
        contextParameters.put("XAI_API_KEY", "x");
        environment.put("PATH", "x");
        environment.put("SLUICES", "x");
        environment.put("sluice.chat.model", "x");
        Configuration configuration = read();
        assertThat(configuration.settings().chat().model()).isEqualTo("sim/fast");
        assertThat(configuration.settings().upstreams().get(0).key()).isNull();
        assertThat(configuration.warnings()).isEmpty();
    }

    // Environment

    @Test
    void variable_ofEverySetting_leadsBackToIt() {
        assertThat(Options.all()).allSatisfy(option -> assertThat(OptionNames.ofVariable(option.variable()))
                .as(option.variable())
                .isSameAs(option));
        assertThat(Options.MAX_STREAMS.variable()).isEqualTo("SLUICE_UPSTREAM_MAX_STREAMS");
        assertThat(Options.XAI_KEY.variable()).isEqualTo("XAI_API_KEY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void read_emptyVariable_countsAsNotSet(String empty) {
        contextParameters.put("sluice.chat.model", "kept");
        environment.put("SLUICE_CHAT_MODEL", empty);
        environment.put("SLUICE_HEARTBEAT", empty);
        environment.put("XAI_API_KEY", empty);
        assertThat(read().settings().chat().model()).isEqualTo("kept");
        assertThat(read().settings().upstreams().get(0).simulator()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SLUICE_PORT",
                "SLUICE_PORT_8080_TCP",
                "SLUICE_PORT_8080_TCP_ADDR",
                "SLUICE_SERVICE_HOST",
                "SLUICE_SERVICE_PORT",
                "SLUICE_SERVICE_PORT_HTTP",
                "SLUICE_CHAT_PORT",
                "SLUICE_UPSTREAM_PORT",
                "SLUICE_UPSTREM_KEYS"
            })
    void read_variableFarFromEverySetting_onlyWarnsWithoutItsValue(String variable) {
        environment.put(variable, "s3cret");
        assertThat(read().warnings())
                .singleElement()
                .asString()
                .startsWith("environment variable " + variable + " ignored: no setting has that name, the nearest is ")
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource({
        "SLUICE_ACCESS_KEY, SLUICE_ACCESS_KEYS",
        "SLUICE_ACCES_KEYS, SLUICE_ACCESS_KEYS",
        "SLUICE_ACCESS_KEYZ, SLUICE_ACCESS_KEYS",
        "SLUICE_ACCESS_KYES, SLUICE_ACCESS_KEYS",
        "SLUICE_UPSTREM_KEY, SLUICE_UPSTREAM_KEY",
        "SLUICE_UPSTREAMS_XAI_KEI, SLUICE_UPSTREAMS_XAI_KEY",
        "SLUICE_MODEL_GROK, SLUICE_MODELS_GROK",
    })
    void read_variableOneEditAwayFromASetting_isAFaultWithoutItsValue(String variable, String nearest) {
        environment.put(variable, "s3cret");
        assertThat(faults())
                .containsExactly(variable + " (environment variable): unknown name, the nearest known is " + nearest);
    }

    @Test
    void read_keyWithLineBreakAtItsEnd_losesIt() {
        environment.put("XAI_API_KEY", "xai-1\n");
        assertThat(key(read().settings())).as("as mounted secrets often end").isEqualTo("xai-1");
    }

    // Upstream, its key and its model

    @Test
    void read_xaiKeyAlone_choosesXai() {
        environment.put("XAI_API_KEY", "xai-1");
        Settings settings = read().settings();
        assertThat(settings.upstreams().get(0).url()).hasToString("https://api.x.ai/v1");
        assertThat(key(settings)).isEqualTo("xai-1");
        assertThat(settings.chat().model()).isEqualTo("grok-4");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "https://api.x.ai/v1, xai-1, grok-4",
                "https://API.X.AI/v1, xai-1, grok-4",
                "https://us-east-1.api.x.ai/v1, xai-1, grok-4",
                "http://api.x.ai/v1, -, -",
                "https://evil-x.ai/v1, -, -",
                "https://api.x.ai.example/v1, -, -",
                "https://example/api.x.ai, -, -",
                "https://x.ai.example, -, -",
                "simulator:, -, sim/fast",
            })
    void read_xaiKeyAndUrl_keyGoesToXaiOnly(String url, @Nullable String key, @Nullable String model) {
        environment.put("XAI_API_KEY", "xai-1");
        contextParameters.put("sluice.upstream.url", url);
        Configuration configuration = read();
        assertThat(key(configuration.settings())).isEqualTo(key);
        assertThat(configuration.settings().chat().model()).isEqualTo(model);
        assertThat(configuration.describe())
                .contains("sluice.upstream.key = "
                        + (key == null ? "(not set)" : "**** (environment variable XAI_API_KEY)"));
    }

    @Test
    void read_upstreamKeySetToo_winsEvenFromALowerLayer() {
        environment.put("XAI_API_KEY", "xai-1");
        classPath = "sluice.upstream.key=own-1";
        assertThat(key(read().settings())).as("at xAI").isEqualTo("own-1");
        contextParameters.put("sluice.upstream.url", "https://other.example");
        assertThat(key(read().settings())).as("elsewhere").isEqualTo("own-1");
    }

    @Test
    void read_modelSet_winsOverTheUpstreamsDefault() {
        environment.put("XAI_API_KEY", "xai-1");
        contextParameters.put("sluice.chat.model", "grok-4.3");
        assertThat(model()).isEqualTo("grok-4.3");
    }

    @ParameterizedTest
    @CsvSource({
        "http://llm.example, true",
        "http://10.0.0.1:8080/v1, true",
        "http://127.evil.example, true",
        "http://localhost.example, true",
        "http://localhost:8080, false",
        "http://llm.localhost, false",
        "http://127.0.0.1:11434/v1, false",
        "http://[::1]/v1, false",
        "https://llm.example, false",
    })
    void read_keyOverPlainHttp_warnsUnlessLoopback(String url, boolean warns) {
        contextParameters.put("sluice.upstream.url", url);
        assertThat(read().warnings()).as("without a key").isEmpty();
        contextParameters.put("sluice.upstream.key", "s3cret");
        assertThat(read().warnings()).hasSize(warns ? 1 : 0).allSatisfy(warning -> assertThat(warning)
                .contains("unencrypted", url)
                .doesNotContain("s3cret"));
    }

    @Test
    void read_proxiesThatAreEverybody_warns() {
        contextParameters.put("sluice.proxies", "127.0.0.1, ::/0");
        assertThat(read().warnings()).singleElement().asString().startsWith("sluice.proxies trusts every peer");
    }

    @Test
    void read_proxiesIllFormed_saysWhatIsExpected() {
        contextParameters.put("sluice.proxies", "127.0.0.1, proxy.example");
        assertThat(faults()).singleElement().asString().contains("sluice.proxies", "proxy.example", "10.0.0.0/8");
    }

    @Test
    void read_settingsWithoutUse_warn() {
        contextParameters.put("sluice.upstream.key", "s3cret");
        contextParameters.put("sluice.access.keys", "s3cret");
        contextParameters.put("sluice.access.open", "true");
        assertThat(read().warnings())
                .satisfiesExactly(
                        warning -> assertThat(warning).contains("the simulator needs no key"),
                        warning -> assertThat(warning).contains("sluice.access.open has no effect"));
    }

    // Several upstreams

    @Test
    void read_namedUpstreams_areInOrderBehindTheDefaultAndHaveItsDefaults() {
        contextParameters.put("sluice.upstreams.zeta.url", "https://zeta.example/v1/");
        contextParameters.put("sluice.upstreams.a-1.url", "simulator:");
        contextParameters.put("sluice.upstream.url", "http://127.0.0.1:8081/v1");
        contextParameters.put("sluice.upstream.max-streams", "7");
        List<Settings.Upstream> upstreams = read().settings().upstreams();
        assertThat(upstreams).extracting(Settings.Upstream::name).containsExactly("default", "a-1", "zeta");
        assertThat(upstreams.get(1).simulator()).isTrue();
        assertThat(upstreams.get(2))
                .as("sluice.upstream.* is one of several, not the default of all")
                .isEqualTo(new Settings.Upstream(
                        "zeta",
                        URI.create("https://zeta.example/v1"),
                        null,
                        Settings.Auth.BEARER,
                        10_000,
                        Duration.ofSeconds(5),
                        Duration.ofHours(1),
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(10),
                        true,
                        false,
                        null,
                        null,
                        "chat-completions"));
    }

    @Test
    void read_xaiKey_goesToEveryUpstreamAtXaiWithoutAKeyOfItsOwn() {
        environment.put("XAI_API_KEY", "xai-1");
        contextParameters.put("sluice.upstreams.east.url", "https://us-east-1.api.x.ai/v1");
        contextParameters.put("sluice.upstreams.own.url", "https://api.x.ai/v1");
        contextParameters.put("sluice.upstreams.own.key", "own-1");
        contextParameters.put("sluice.upstreams.other.url", "https://api.x.ai.example/v1");
        Configuration configuration = read();
        Map<String, @Nullable String> keys = new HashMap<>();
        configuration.settings().upstreams().forEach(upstream -> keys.put(upstream.name(), key(upstream)));
        Map<String, @Nullable String> expected = new HashMap<>();
        expected.put("default", "xai-1");
        expected.put("east", "xai-1");
        expected.put("own", "own-1");
        expected.put("other", null);
        assertThat(keys).isEqualTo(expected);
        assertThat(configuration.lines())
                .contains("sluice.upstreams.east.key = **** (environment variable XAI_API_KEY)");
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.upstream.url, http://127.0.0.1:8081, true",
        "sluice.upstream.key, key-1, true",
        "sluice.models.b, default/m, true",
        "sluice.models.b, 'a/m, default/m', true",
        "sluice.models.*, default/*, true",
        "sluice.models.*, a/*, false",
        "sluice.upstream.max-streams, 7, false",
        "sluice.chat.model, a, false",
    })
    void read_aliasesThatNameAnother_defaultIsThereOnlyIfSomethingAsksForIt(String name, String value, boolean there) {
        contextParameters.put("sluice.upstreams.a.url", "http://127.0.0.1:8082");
        contextParameters.put("sluice.models.a", "a/m");
        assertThat(upstreams()).containsExactly("a");
        contextParameters.put(name, value);
        assertThat(upstreams()).isEqualTo(there ? List.of("default", "a") : List.of("a"));
    }

    @Test
    void read_xaiKeyAndAliasesElsewhere_defaultIsThereAndOnlyDoubtedIfTheKeyIsOfNoUse() {
        environment.put("XAI_API_KEY", "xai-1");
        contextParameters.put("sluice.upstreams.a.url", "http://127.0.0.1:8082");
        contextParameters.put("sluice.models.a", "a/m");
        assertThat(upstreams()).containsExactly("default", "a");
        assertThat(read().warnings()).singleElement().asString().contains("The upstream default is never asked");

        contextParameters.put("sluice.upstreams.a.url", "https://api.x.ai/v1");
        assertThat(read().warnings()).as("the key is of use").isEmpty();
    }

    @Test
    void read_onlyOthersSet_sendsThemThereWithoutADefault() {
        contextParameters.put("sluice.upstreams.a.url", "http://127.0.0.1:8082");
        contextParameters.put("sluice.models.*", "a/*");
        Configuration configuration = read();
        assertThat(upstreams()).containsExactly("a");
        assertThat(configuration.settings().models().others()).isEqualTo("a");
        assertThat(configuration.warnings()).isEmpty();
    }

    @Test
    void read_upstreamWithoutUse_warns() {
        contextParameters.put("sluice.upstreams.a.url", "http://127.0.0.1:8082");
        assertThat(read().warnings())
                .containsExactly("The upstream a is never asked: no sluice.models.<alias> names it");
        contextParameters.put("sluice.models.x", "default/m, a/m");
        assertThat(read().warnings()).as("as a fall-back it is").isEmpty();
        contextParameters.put("sluice.models.x", "a/m");
        contextParameters.put("sluice.upstream.idle-timeout", "1m");
        assertThat(read().warnings())
                .as("easily taken for the default of all")
                .singleElement()
                .asString()
                .startsWith("sluice.upstream.idle-timeout has no effect")
                .endsWith("Set it in sluice.upstreams.<name>.");
    }

    @Test
    void read_keysOfNamedUpstreams_causeTheSameWarningsAsTheDefaultOnes() {
        contextParameters.put("sluice.upstreams.a.url", "http://llm.example");
        contextParameters.put("sluice.upstreams.a.key", "s3cret");
        contextParameters.put("sluice.upstreams.b.url", "simulator:");
        contextParameters.put("sluice.upstreams.b.key", "s3cret");
        contextParameters.put("sluice.models.x", "a/m,b/m");
        assertThat(read().warnings())
                .containsExactly(
                        "sluice.upstreams.a.key is sent unencrypted to http://llm.example: use https in"
                                + " sluice.upstreams.a.url",
                        "sluice.upstreams.b.key has no effect, because the simulator needs no key: set"
                                + " sluice.upstreams.b.url");
    }

    @Test
    void read_namedUpstreamWithoutUrl_isAFaultThatTellsWhatMadeIt() {
        environment.put("SLUICE_UPSTREAMS_XAI_EU_KEY", "s3cret");
        assertThat(faults())
                .containsExactly("sluice.upstreams.xai-eu.url = (not set): expected simulator: or"
                        + " http(s)://host[:port][/path] without user, query or fragment, for the base URL of an"
                        + " OpenAI-compatible API, because other settings of this upstream are set:"
                        + " sluice.upstreams.xai-eu.key = **** (environment variable SLUICE_UPSTREAMS_XAI_EU_KEY)");
        contextParameters.put("sluice.upstreams.xai-eu.url", "nowhere");
        assertThat(faults()).as("no fault that only follows from another").hasSize(1);
    }

    // Names of models

    @Test
    void read_aliases_keepTheirTargetsInOrder() {
        contextParameters.put("sluice.upstreams.local.url", "http://127.0.0.1:8081/v1");
        contextParameters.put("sluice.models.openai/gpt-5", "default/openai/gpt-5:free");
        contextParameters.put("sluice.models.Grok.4:fast", " default/grok-4.3 ,local/a/b ,default/grok-4");
        contextParameters.put("sluice.models.default", "local/x");
        Settings.Models models = read().settings().models();
        assertThat(models.aliases())
                .containsExactly(
                        Map.entry(
                                "Grok.4:fast",
                                List.of(
                                        new UpstreamModel("default", "grok-4.3"),
                                        new UpstreamModel("local", "a/b"),
                                        new UpstreamModel("default", "grok-4"))),
                        Map.entry("default", List.of(new UpstreamModel("local", "x"))),
                        Map.entry("openai/gpt-5", List.of(new UpstreamModel("default", "openai/gpt-5:free"))));
        assertThat(models.others()).as("other names are unknown").isNull();
    }

    @Test
    void read_aliasInSeveralLayers_theLaterWins() {
        classPath = "sluice.models.grok-4.3=default/a\nsluice.models.openai\\:x=default/x\n";
        jndi.put("models", JndiLayerTest.context(Map.of("grok-4.3", "default/b")));
        assertThat(targets("grok-4.3")).isEqualTo("default/b");
        systemProperties.put("sluice.models.grok-4.3", "default/c");
        assertThat(targets("grok-4.3")).isEqualTo("default/c");
        assertThat(targets("openai:x")).as("a colon, escaped in the file").isEqualTo("default/x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grok",
                "/grok",
                "default/",
                "default/*",
                "default/a b",
                "default/a\u00A0b",
                "de fault/a",
                "Default/a",
                "-a/b",
                "default/a,",
                ",default/a",
                "default/a,,default/b",
                "default/a,default/a",
                "*/a"
            })
    void read_targetsIllFormed_areAFault(String targets) {
        contextParameters.put("sluice.models.grok", targets);
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("sluice.models.grok = \"")
                .contains("(context parameter): ", "expected <upstream>/<model>, or several of these");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default/m", "default", "*", "default/*,default/*", "default/**", "/*"})
    void read_othersIllFormed_areAFault(String others) {
        contextParameters.put("sluice.models.*", others);
        assertThat(faults()).singleElement().asString().contains("sluice.models.*", "expected <upstream>/*,");
    }

    @Test
    void read_targetAtAnUnknownUpstream_isAFaultThatListsTheKnown() {
        contextParameters.put("sluice.upstreams.xai.url", "https://api.x.ai/v1");
        contextParameters.put("sluice.models.grok", "xai/grok-4,xia/grok-4");
        environment.put("SLUICE_MODELS_GPT", "openai/gpt-5");
        systemProperties.put("sluice.models.*", "al/*");
        assertThat(faults())
                .containsExactly(
                        "sluice.models.gpt = openai/gpt-5 (environment variable SLUICE_MODELS_GPT): expected <upstream>"
                                + " to be one of default, xai",
                        "sluice.models.grok = xai/grok-4,xia/grok-4 (context parameter): expected <upstream> to be one"
                                + " of default, xai",
                        "sluice.models.* = al/* (system property): expected <upstream> to be one of default, xai");
    }

    // The model of /chat, where names are given

    @Test
    void read_oneAlias_isTheModelOfChat() {
        environment.put("XAI_API_KEY", "xai-1");
        contextParameters.put("sluice.models.grok", "default/grok-4.3");
        assertThat(model()).as("grok-4 cannot be asked for").isEqualTo("grok");
        contextParameters.put("sluice.models.*", "default/*");
        assertThat(model()).as("now it can").isEqualTo("grok-4");
        contextParameters.put("sluice.upstream.url", "https://llm.example");
        assertThat(model()).as("but only xAI has it").isEqualTo("grok");
        contextParameters.put("sluice.models.gpt", "default/gpt-5");
        assertThat(model()).as("two are no choice").isNull();
    }

    @Test
    void read_othersElsewhere_defaultsModelIsNotTheModelOfChat() {
        environment.put("XAI_API_KEY", "xai-1");
        contextParameters.put("sluice.upstreams.a.url", "http://127.0.0.1:8081");
        contextParameters.put("sluice.models.*", "a/*");
        assertThat(model()).isNull();
    }

    @Test
    void read_modelOfChatThatNoNameLeadsTo_isAFault() {
        contextParameters.put("sluice.models.a", "default/m");
        contextParameters.put("sluice.models.b", "default/m");
        contextParameters.put("sluice.chat.model", "m");
        assertThat(faults())
                .containsExactly("sluice.chat.model = m (context parameter): expected one of the aliases that"
                        + " sluice.models.<alias> defines: a, b");
        contextParameters.put("sluice.models.*", "default/*");
        assertThat(model()).isEqualTo("m");
        contextParameters.remove("sluice.models.*");
        contextParameters.put("sluice.chat.model", "b");
        assertThat(model()).isEqualTo("b");
    }

    // The families' names

    @Test
    void read_variablesOfFamilies_areUnderstood() {
        environment.put("SLUICE_UPSTREAMS_MY_XAI_URL", "http://127.0.0.1:8081");
        environment.put("SLUICE_UPSTREAMS_MY_XAI_MAX_STREAMS", "7");
        environment.put("SLUICE_UPSTREAMS_A_URL_URL", "http://127.0.0.1:8082");
        environment.put("SLUICE_UPSTREAMS_A_URL_FIRST_TOKEN_TIMEOUT", "2s");
        environment.put("SLUICE_MODELS_GROK_4", "my-xai/grok-4, a-url/grok");
        environment.put("SLUICE_MODELS_GROK-4.3", "my-xai/grok-4.3");
        Settings settings = read().settings();
        assertThat(upstreams()).containsExactly("a-url", "my-xai");
        assertThat(settings.upstreams().get(0).firstTokenTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.upstreams().get(1).maxStreams()).isEqualTo(7);
        assertThat(settings.models().aliases()).containsOnlyKeys("grok-4", "grok-4.3");
        assertThat(read().warnings()).isEmpty();
    }

    @Test
    void variable_ofEverySettingOfAnUpstream_leadsBackToIt() {
        assertThat(Options.ofUpstream("my-xai")).hasSizeGreaterThan(10).allSatisfy(option -> assertThat(
                        OptionNames.ofVariable(option.variable()))
                .as(option.variable())
                .isEqualTo(option)
                .isEqualTo(OptionNames.named(option.name())));
    }

    @Test
    void read_variablesThatOthersInvent_onlyWarn() {
        environment.put("SLUICE_MODELS_PORT", "tcp://10.0.0.1:8080");
        environment.put("SLUICE_MODELS_SERVICE_HOST", "10.0.0.1");
        environment.put("SLUICE_UPSTREAMS_PORT_80_TCP", "tcp://10.0.0.1:80");
        environment.put("SLUICE_UPSTREAMS_XAI_SECRET", "s3cret");
        environment.put("SLUICE_UPSTREAMS_DEFAULT_URL", "http://127.0.0.1");
        Configuration configuration = read();
        assertThat(configuration.settings().models().aliases()).isEmpty();
        assertThat(upstreams()).containsExactly("default");
        assertThat(configuration.warnings())
                .hasSize(5)
                .contains(
                        "environment variable SLUICE_MODELS_PORT ignored: for sluice.models.port expected"
                                + " <upstream>/<model>, or several of these separated by commas, no two the same",
                        "environment variable SLUICE_UPSTREAMS_DEFAULT_URL ignored: no setting has that name, the"
                                + " nearest is SLUICE_UPSTREAM_URL")
                .noneMatch(warning -> warning.contains("s3cret"));
    }

    @Test
    void read_illFormedVariableOfAnUpstream_isAFault() {
        environment.put("SLUICE_UPSTREAMS_XAI_URL", "https://api.x.ai/v1");
        environment.put("SLUICE_UPSTREAMS_XAI_MAX_STREAMS", "many");
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("sluice.upstreams.xai.max-streams = \"many\" (environment variable"
                        + " SLUICE_UPSTREAMS_XAI_MAX_STREAMS): expected a whole number");
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.upstreams.xai.ulr, sluice.upstreams.xai.url",
        "sluice.upstreams.XAI.url, sluice.upstreams.xai.url",
        "sluice.upstreams.my_xai.url, sluice.upstreams.my-xai.url",
        "sluice.upstreams.my-xai.max-stream, sluice.upstreams.my-xai.max-streams",
        "sluice.upstream.xai.url, sluice.upstreams.xai.url",
        "sluice.upstreams.default.url, sluice.upstream.url",
        "sluice.upstreams.url, sluice.upstream.url",
        "sluice.upstream.default, sluice.upstream.defaults",
        "sluice.model.Grok_4, sluice.models.Grok_4",
        "sluice.models.grok 4, sluice.models.grok-4",
        "sluice.retry.atempts, sluice.retry.attempts",
    })
    void read_unknownName_isAFaultThatNamesTheNearestOfAFamilyToo(String name, String nearest) {
        contextParameters.put(name, "s3cret");
        assertThat(faults())
                .containsExactly(name + " (context parameter): unknown name, the nearest known is " + nearest);
    }

    @Test
    void read_upstreamsNameThatIsLong_isKnownUpTo64Characters() {
        contextParameters.put("sluice.upstreams." + "x".repeat(64) + ".url", "simulator:");
        assertThat(upstreams()).containsExactly("default", "x".repeat(64));
        contextParameters.put("sluice.upstreams." + "y".repeat(65) + ".url", "simulator:");
        assertThat(faults()).singleElement().asString().contains("y.url (context parameter): unknown name");
    }

    // Faults

    @Test
    void read_severalFaults_areAllInOneMessageWithNameSourceValueAndWhatWasExpected() throws IOException {
        classPath = "upstream.url=x\nsluice.heartbeat=15\n";
        systemProperties.put("sluice.config", file("sluice.buffer.bytes=1023\n"));
        contextParameters.put("sluice.upstrem.url", "x");
        jndi.put("access.open", "yes");
        systemProperties.put("sluice.upstream.max-streams", "0");
        environment.put("SLUICE_UPSTREAM_URL", "api.x.ai");
        assertThat(faults())
                .satisfiesExactly(
                        fault -> assertThat(fault)
                                .isEqualTo("sluice.heartbeat = \"15\" (sluice.properties on the class path): expected a"
                                        + " time from 100ms to 24h, with its unit: ms, s, m or h (a plain number is"
                                        + " not enough), for the longest silence towards a client"),
                        fault -> assertThat(fault)
                                .isEqualTo("upstream.url (sluice.properties on the class path): unknown name, the"
                                        + " nearest known is sluice.upstream.url"),
                        fault -> assertThat(fault)
                                .startsWith("sluice.buffer.bytes = \"1023\" (file ")
                                .contains("a size from 1024 to 16MiB"),
                        fault -> assertThat(fault)
                                .isEqualTo("sluice.upstrem.url (context parameter): unknown name, the nearest known"
                                        + " is sluice.upstream.url"),
                        fault -> assertThat(fault)
                                .startsWith("sluice.access.open = \"yes\" (java:comp/env/sluice): expected true or"),
                        fault -> assertThat(fault)
                                .startsWith("sluice.upstream.max-streams = \"0\" (system property): expected a whole"
                                        + " number from 1 to 1000000"),
                        fault -> assertThat(fault)
                                .startsWith("sluice.upstream.url = \"api.x.ai\" (environment variable"
                                        + " SLUICE_UPSTREAM_URL): expected simulator: or http(s)://"));
    }

    @Test
    void read_illFormedValueThatALaterLayerOverrides_isAFaultStill() {
        classPath = "sluice.heartbeat=often";
        environment.put("SLUICE_HEARTBEAT", "1s");
        assertThat(faults()).singleElement().asString().contains("often");
    }

    @Test
    void read_blankValueOutsideTheEnvironment_isAFaultForEverySetting() {
        Options.all().forEach(option -> contextParameters.put(option.name(), "  "));
        assertThat(faults()).hasSameSizeAs(Options.all()).allMatch(fault -> fault.contains(" (context parameter)"));
    }

    @Test
    void read_xaiKeyOutsideTheEnvironment_isUnknown() {
        classPath = "XAI_API_KEY=s3cret";
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("XAI_API_KEY")
                .doesNotContain("s3cret");
    }

    @Test
    void read_totalOfBodiesBelowOneBody_isAFaultThatShowsBothAndTheirSources() {
        environment.put("SLUICE_REQUEST_MAX_BYTES", "65MiB");
        assertThat(faults())
                .containsExactly("sluice.request.max-total-bytes = 64MiB (default): expected no less than"
                        + " sluice.request.max-bytes = 65MiB (environment variable SLUICE_REQUEST_MAX_BYTES)");
        environment.put("SLUICE_REQUEST_MAX_TOTAL_BYTES", "all");
        assertThat(faults()).as("no fault that only follows from another").hasSize(1);
        environment.put("SLUICE_REQUEST_MAX_TOTAL_BYTES", "65MiB");
        assertThat(read().settings().body().maxTotalBytes()).isEqualTo(65 << 20);
    }

    @Test
    void read_valueOrNameWithLineBreaks_staysOneLineAndBounded() {
        contextParameters.put("sluice.heartbeat", "1s\nsluice.access.open = true" + "x".repeat(10_000));
        contextParameters.put("sluice.he\u2028art\r\nbeat", "1s");
        assertThat(faults())
                .hasSize(2)
                .allSatisfy(fault -> assertThat(fault).hasSizeLessThan(500).doesNotContain("\r", "\u2028"));
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.access.keys, 'key-1,,key-3', entry 2 of 3 is empty",
        "sluice.access.keys, 'key-1,key-2,', entry 3 of 3 is empty",
        "sluice.access.keys, 'key-1,key 2', entry 2 of 2 is ill-formed",
        "sluice.cors.origins, 'https://a.example,b.example', entry 2 of 2 is ill-formed",
        "sluice.proxies, '127.0.0.1, 10.0.0.0/8, ten', entry 3 of 3 is ill-formed",
        "sluice.models.grok, 'default/a,default', entry 2 of 2 is ill-formed",
    })
    void read_listWithAFaultyEntry_saysWhich(String name, String list, String words) {
        contextParameters.put(name, list);
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith(name + " = ")
                .contains(" (context parameter): " + words + "; expected ")
                .doesNotContain("key-1");
    }

    @Test
    void read_nameTwiceInOneFile_isAFaultOfThatFile() throws IOException {
        classPath = "sluice.heartbeat=1s\nsluice.drain=1s\nsluice.heartbeat:1s\nsluice.drain = 2s";
        String file = file("sluice.access.keys=s3cret\nsluice.access.keys=other-s3cret\nsluice.heartbeat=2s");
        systemProperties.put("sluice.config", file);
        assertThat(faults())
                .containsExactly(
                        "sluice.properties on the class path gives more than once: sluice.drain, sluice.heartbeat;"
                                + " expected each name once",
                        "file " + file + " gives more than once: sluice.access.keys; expected each name once");
    }

    // Secrets

    @Test
    void read_illFormedSecrets_areNeverInTheMessage() throws IOException {
        environment.put("XAI_API_KEY", "s3cret x");
        environment.put("SLUICE_UPSTREAM_KEY", "\"s3cret\"");
        systemProperties.put("sluice.access.keys", "s3cret,,s3cret");
        systemProperties.put("sluice.access.key", "s3cret");
        contextParameters.put("sluice.upstream.url", "https://user:s3cret@host/v1");
        contextParameters.put("sluice.cors.origins", "https://s3cret@host");
        systemProperties.put("sluice.config", file("sluice.upstream.kei=s3cret"));
        assertThat(faults()).hasSize(7).noneMatch(fault -> fault.contains("s3cret"));
        assertThat(faults()).filteredOn(fault -> fault.contains("\"****\"")).hasSize(5);
    }

    @Test
    void describe_ofAConfiguration_listsEverySettingWithSourceAndNoSecret() {
        environment.put("XAI_API_KEY", "s3cret");
        contextParameters.put("sluice.access.keys", "s3cret,s3cret2");
        systemProperties.put("sluice.chat.system", "s3cret prompt");
        Configuration configuration = read();
        assertThat(configuration.lines())
                .hasSameSizeAs(Options.all())
                .contains(
                        "sluice.config = (not set)",
                        "sluice.upstream.url = https://api.x.ai/v1 (default)",
                        "sluice.upstream.key = **** (environment variable XAI_API_KEY)",
                        "sluice.access.keys = **** (context parameter)",
                        "sluice.chat.system = **** (system property)",
                        "sluice.chat.model = grok-4 (default)",
                        "sluice.models.* = default/* (default)",
                        "sluice.heartbeat = 15s (default)");
        assertThat(configuration.toString() + configuration.describe() + layers())
                .doesNotContain("s3cret");
    }

    @Test
    void describe_ofFamilies_listsEveryMemberBehindTheTable() {
        environment.put("SLUICE_UPSTREAMS_XAI_KEY", "s3cret");
        contextParameters.put("sluice.upstreams.xai.url", "https://api.x.ai/v1");
        contextParameters.put("sluice.upstreams.xai.defaults", "{\"top_p\": 1}");
        contextParameters.put("sluice.models.grok", "xai/grok-4.3");
        List<String> lines = read().lines();
        assertThat(lines.subList(Options.all().size(), lines.size()))
                .containsExactly(
                        "sluice.upstreams.xai.url = https://api.x.ai/v1 (context parameter)",
                        "sluice.upstreams.xai.key = **** (environment variable SLUICE_UPSTREAMS_XAI_KEY)",
                        "sluice.upstreams.xai.auth = bearer (default)",
                        "sluice.upstreams.xai.max-streams = 10000 (default)",
                        "sluice.upstreams.xai.connect-timeout = 5s (default)",
                        "sluice.upstreams.xai.first-token-timeout = 1h (default)",
                        "sluice.upstreams.xai.idle-timeout = 2m (default)",
                        "sluice.upstreams.xai.token-timeout = 10m (default)",
                        "sluice.upstreams.xai.finish-reason = required (default)",
                        "sluice.upstreams.xai.include-usage = true (default)",
                        "sluice.upstreams.xai.defaults = {\"top_p\": 1} (context parameter)",
                        "sluice.upstreams.xai.dialects = (not set)",
                        "sluice.upstreams.xai.chat-dialect = chat-completions (default)",
                        "sluice.models.grok = xai/grok-4.3 (context parameter)");
        assertThat(lines).contains("sluice.upstream.url = (not set)", "sluice.chat.model = grok (default)");
    }

    @Test
    void log_ofAConfiguration_tellsWarningsAndLines() {
        environment.put("SLUICE_PORT", "1");
        Logger logger = Logger.getLogger("dev.sluice.config.test");
        List<String> logged = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry.getLevel() + " " + new SimpleFormatter().formatMessage(entry));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            read().log(LoggerFactory.getLogger(logger.getName()));
        } finally {
            logger.removeHandler(handler);
        }
        assertThat(logged)
                .satisfiesExactly(
                        entry ->
                                assertThat(entry).startsWith(Level.INFO + " ").contains("\n  sluice.heartbeat = 15s ("),
                        entry -> assertThat(entry)
                                .startsWith(Level.WARNING + " ")
                                .contains("SLUICE_PORT"));
    }

    @Test
    void read_valuesNotOurs_doNotLeakThroughTheException() {
        environment.put("SLUICE_UPSTREAM_KEY", "s3cret");
        systemProperties.put("sluice.drain", "never");
        assertThatThrownBy(this::read)
                .isInstanceOf(SettingsException.class)
                .hasNoCause()
                .hasMessageStartingWith("Sluice cannot start")
                .hasMessageNotContaining("s3cret");
    }

    private Configuration read() {
        return SettingsReader.read(layers());
    }

    private List<Layer> layers() {
        ClassLoader loader = new ClassLoader(null) {
            @Override
            public @Nullable InputStream getResourceAsStream(String name) {
                return name.equals("sluice.properties") && !classPath.isEmpty()
                        ? new ByteArrayInputStream(classPath.getBytes(StandardCharsets.UTF_8))
                        : null;
            }
        };
        JndiLayer.Lookup lookup = name -> {
            if (jndi.isEmpty()) {
                throw new NameNotFoundException(name);
            }
            return JndiLayerTest.context(jndi);
        };
        return SettingsReader.layers(loader, contextParameters, lookup, systemProperties, environment);
    }

    /** The lines of the message after the first one. */
    private List<String> faults() {
        SettingsException e = catchThrowableOfType(SettingsException.class, this::read);
        assertThat(e).as("a configuration with faults must not be accepted").isNotNull();
        List<String> lines =
                String.valueOf(e.getMessage()).lines().map(String::strip).toList();
        return lines.subList(1, lines.size());
    }

    private List<String> upstreams() {
        return read().settings().upstreams().stream()
                .map(Settings.Upstream::name)
                .toList();
    }

    private String targets(String alias) {
        List<UpstreamModel> targets = read().settings().models().aliases().getOrDefault(alias, List.of());
        return targets.stream()
                .map(target -> target.upstream() + "/" + target.model())
                .collect(joining(", "));
    }

    private @Nullable String model() {
        return read().settings().chat().model();
    }

    private static @Nullable String key(Settings settings) {
        return key(settings.upstreams().get(0));
    }

    private static @Nullable String key(Settings.Upstream upstream) {
        Secret key = upstream.key();
        return key == null ? null : key.reveal();
    }

    private String file(String text) throws IOException {
        return Files.writeString(directory.resolve("some.properties"), text).toString();
    }
}
