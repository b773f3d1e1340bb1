package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.config.Settings.KeyHolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers with names and keys: {@code sluice.callers.<name>.*}. */
class KeyHoldersTest {
    private static final KeyHash S3CRET = KeyHash.of("s3cret");

    private final Map<String, String> settings = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();
    private final Path directory;

    KeyHoldersTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void read_everythingSet_reachesItsPlace() {
        set("zoe.key", "s3cret");
        set("ada.key", "one, sha256:" + KeyHash.of("two").hex());
        set("ada.expires", "2099-12-31");
        set("ada.groups", "team a, builds");
        assertThat(holders())
                .containsExactly(
                        new KeyHolder(
                                "ada",
                                List.of(KeyHash.of("one"), KeyHash.of("two")),
                                LocalDate.of(2099, 12, 31),
                                Set.of("team a", "builds")),
                        new KeyHolder("zoe", List.of(S3CRET), null, Set.of()));
        assertThat(read().settings().identities().groups()).containsExactlyInAnyOrder("team a", "builds");
        assertThat(read().warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret", "s3cret\n", "s3cret\r\n", " s3cret \n"})
    void keyFile_isReadWithoutItsLineBreak(String content) throws IOException {
        set("ada.key-file", file(content));
        assertThat(holders()).containsExactly(new KeyHolder("ada", List.of(S3CRET), null, Set.of()));
    }

    @Test
    void keyFile_mayHaveTwoAsTheSettingMay() throws IOException {
        set("ada.key-file", file("s3cret,sha256:" + KeyHash.of("next").hex() + "\n"));
        assertThat(holders().get(0).keys()).containsExactly(S3CRET, KeyHash.of("next"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | is empty",
                "'\n' | is empty",
                "'s3cret\nagain' | has a fault",
                "'s3 cret' | has a fault",
                "'a, ,b' | entry 2 of 3 is empty",
                "'a,s3 cret' | entry 2 of 2 is ill-formed",
                "'a,b,c' | has a fault",
                "'sha256:12' | has a fault",
                "'schlüssel' | has a fault"
            })
    void keyFile_illFormed_isNamedWithItsFaultOnly(String content, String fault) throws IOException {
        String path = file(content);
        set("ada.key-file", path);
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("sluice.callers.ada.key-file = " + path + " (context parameter): the file ")
                .contains(fault, "expected in it one key, or two")
                .doesNotContain("s3cret", "s3 cret", "schl");
    }

    @Test
    void keyFile_thatCannotBeRead_isNamed() {
        set("ada.key-file", directory.resolve("none").toString());
        set("zoe.key-file", directory.toString());
        assertThat(faults())
                .satisfiesExactly(
                        one -> assertThat(one).contains("ada.key-file", "/none ", "cannot be read: NoSuchFile"),
                        other -> assertThat(other).contains("zoe.key-file", "cannot be read: "));
    }

    @Test
    void keyFile_thatIsGivenTheKeyItself_showsNothingOfIt() {
        set("ada.key-file", "s3cret");
        set("bob.key-file", "s3cret\0");
        assertThat(faults())
                .satisfiesExactly(
                        one -> assertThat(one)
                                .contains("sluice.callers.ada.key-file = ****", "cannot be read: NoSuchFile"),
                        other -> assertThat(other).contains("sluice.callers.bob.key-file = ****", "cannot be read: "))
                .allSatisfy(fault -> assertThat(fault).doesNotContain("s3cret"));
    }

    @Test
    void keyFile_withoutAnEnd_isRefused() throws IOException {
        set("ada.key-file", file("k".repeat(4097)));
        assertThat(faults()).singleElement().asString().contains("is longer than 4 KiB");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ada.key | sha256:12 | 64 hexadecimal digits",
                "ada.key | SHA256:s3cret | 64 hexadecimal digits",
                "ada.key | sha-256:s3cret | 64 hexadecimal digits",
                "ada.key | sha256=5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8 | sha256: and the 64",
                "ada.key | sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 | not that of no key",
                "ada.key | a,b,s3cret | one key, or two",
                "ada.key | s3cret,s3cret | one key, or two",
                "ada.key | s3cret, | entry 2 of 2 is empty",
                "ada.key | s3 cret | without blanks",
                "ada.expires | 31.12.2027 | a date, such as 2027-01-31",
                "ada.expires | 2027-02-30 | a date, such as 2027-01-31",
                "ada.groups | a,,b | entry 2 of 3 is empty",
                "ada.groups | a,a | no two the same",
            })
    void value_illFormed_isNamedWithWhatIsExpected(String name, String value, String expected) {
        set("ada.key", "k");
        set(name, value);
        assertThat(faults())
                .singleElement()
                .asString()
                .contains("sluice.callers." + name, expected)
                .doesNotContain("s3cret", "s3 cret");
    }

    @Test
    void caller_withoutAKey_isAFault() {
        set("ada.groups", "team");
        assertThat(faults())
                .singleElement()
                .asString()
                .contains("sluice.callers.ada.key = (not set)", "sluice.callers.ada.key-file", "ada.groups = team");
    }

    @Test
    void caller_withTwoSourcesOfItsKey_isAFault() throws IOException {
        set("ada.key", "s3cret");
        set("ada.key-file", file("other"));
        assertThat(faults())
                .singleElement()
                .asString()
                .contains("expected only one of this and sluice.callers.ada.key = ****")
                .doesNotContain("s3cret");
    }

    @Test
    void key_ofTwoCallers_isAFaultHoweverItIsWritten() throws IOException {
        settings.put("sluice.access.keys", "old, s3cret");
        set("ada.key", "sha256:" + S3CRET.hex().toUpperCase(Locale.ROOT));
        set("bob.key", "b");
        set("cyd.key-file", file("b\n"));
        assertThat(faults())
                .satisfiesExactly(
                        one -> assertThat(one).contains("sluice.callers.ada.key = ****", "sluice.access.keys = ****"),
                        other -> assertThat(other).contains("sluice.callers.cyd.key-file", "sluice.callers.bob.key"))
                .allSatisfy(fault -> assertThat(fault).doesNotContain("s3cret", S3CRET.hex()));
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.callers.ada.keys, sluice.callers.ada.key",
        "sluice.caller.ada.key, sluice.callers.ada.key",
        "sluice.callers.ada.key.file, sluice.callers.ada.key-file",
        "sluice.callers.ada.group, sluice.callers.ada.groups",
        "sluice.callers.Ada.key, sluice.callers.ada.key"
    })
    void name_misspelt_isAFaultWithTheNearest(String name, String nearest) {
        settings.put(name, "s3cret");
        assertThat(faults())
                .anySatisfy(fault -> assertThat(fault).contains(name, "unknown name, the nearest known is " + nearest))
                .allSatisfy(fault -> assertThat(fault).doesNotContain("s3cret"));
    }

    @Test
    void variables_nameCallersToo() throws IOException {
        variables.put("SLUICE_CALLERS_CI_NIGHTLY_KEY_FILE", file("s3cret"));
        variables.put("SLUICE_CALLERS_CI_NIGHTLY_GROUPS", "builds");
        variables.put("SLUICE_CALLERS_PORT", "tcp://10.0.0.1:80"); // Kubernetes sets such variables
        assertThat(holders()).containsExactly(new KeyHolder("ci-nightly", List.of(S3CRET), null, Set.of("builds")));
        assertThat(read().warnings()).singleElement().asString().contains("SLUICE_CALLERS_PORT ignored");
    }

    @Test
    void expiry_thatIsPast_warns() {
        set("ada.key", "s3cret");
        set("ada.expires", "2020-01-01");
        assertThat(read().warnings())
                .singleElement()
                .asString()
                .contains("sluice.callers.ada.expires = 2020-01-01", "is past");
    }

    @Test
    void hashAmongAccessKeys_warns() {
        settings.put("sluice.access.keys", "s3cret, SHA256:" + S3CRET.hex());
        assertThat(read().warnings())
                .singleElement()
                .asString()
                .contains("sluice.access.keys = ****", "written as a hash", "sluice.callers.<name>.key")
                .doesNotContain("s3cret", S3CRET.hex());
    }

    @Test
    void openBesideNamedKeys_warns() {
        set("ada.key", "s3cret");
        settings.put("sluice.access.open", "true");
        assertThat(read().warnings())
                .singleElement()
                .asString()
                .contains("sluice.access.open has no effect", "sluice.callers.<name>.key");
    }

    @Test
    void keys_areShownNowhere() throws IOException {
        set("ada.key", "s3cret, sha256:" + KeyHash.of("two").hex());
        set("bob.key-file", file("b0bs"));
        Configuration configuration = read();
        assertThat(configuration.describe())
                .contains("sluice.callers.ada.key = ****", "sluice.callers.bob.key-file = " + directory)
                .doesNotContain("s3cret", KeyHash.of("two").hex(), "b0bs");
        assertThat(configuration.settings().toString())
                .doesNotContain(
                        "s3cret", S3CRET.hex(), "b0bs", KeyHash.of("b0bs").hex());
    }

    // How else it is established who calls

    @Test
    void otherWays_set_reachTheirPlaces() {
        settings.put("sluice.proxies", "10.0.0.0/8");
        settings.put("sluice.proxies.user-header", "X-Forwarded-User");
        settings.put("sluice.proxies.groups-header", "X-Forwarded-Groups");
        settings.put("sluice.access.certificates", "true");
        assertThat(read().settings().identities())
                .isEqualTo(new Settings.Identities(
                        List.of(), Set.of(), "X-Forwarded-User", "X-Forwarded-Groups", true, List.of()));
        settings.put("sluice.proxies", "0.0.0.0/0");
        assertThat(read().warnings()).singleElement().asString().contains("can forge its address and its name");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "- | X-User | - | expected sluice.proxies to be set too",
                "::1 | - | X-Groups | expected sluice.proxies.user-header to be set too",
                "::1 | X-User | x-user | expected another header",
                "::1 | Authorization | - | no other meaning here",
                "::1 | X-API-Key | - | no other meaning here",
                "::1 | x-forwarded-for | - | no other meaning here",
                "::1 | X-Request-Id | - | no other meaning here",
                "::1 | traceparent | - | no other meaning here",
                "::1 | Idempotency-Key | - | no other meaning here",
                "::1 | X-User | tracestate | no other meaning here",
                "::1 | Sec-Fetch-Site | - | no other meaning here",
                "::1 | X User | - | the name of an HTTP header",
                "::1 | X-User: | - | the name of an HTTP header",
                "::1 | X-User | Cookie | no other meaning here",
            })
    void headersOfProxies_contradictory_stopTheStart(
            @Nullable String proxies, @Nullable String user, @Nullable String groups, String expected) {
        put("sluice.proxies", proxies);
        put("sluice.proxies.user-header", user);
        put("sluice.proxies.groups-header", groups);
        assertThat(faults()).singleElement().asString().contains(expected);
    }

    private void put(String name, @Nullable String value) {
        if (value != null) {
            settings.put(name, value);
        }
    }

    private void set(String name, String value) {
        settings.put("sluice.callers." + name, value);
    }

    private Configuration read() {
        return SettingsReader.read(List.of(Layer.contextParameters(settings), Layer.environment(variables)));
    }

    private List<KeyHolder> holders() {
        return read().settings().identities().keyHolders();
    }

    private List<String> faults() {
        SettingsException e = catchThrowableOfType(SettingsException.class, this::read);
        assertThat(e).as("a configuration with faults must not be accepted").isNotNull();
        return e.faults();
    }

    private String file(String text) throws IOException {
        Path file = Files.createTempFile(directory, "key", null);
        return Files.writeString(file, text).toString();
    }
}
