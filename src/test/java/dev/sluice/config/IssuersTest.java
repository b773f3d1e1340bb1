package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Issuers of tokens: {@code sluice.issuers.<name>.*}. */
class IssuersTest {
    private final Map<String, String> settings = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();

    @Test
    void read_requiredOnly_hasItsDefaults() {
        set("ours.issuer", "https://login.example/realms/ours");
        set("ours.audience", "sluice");
        assertThat(issuers())
                .containsExactly(new Settings.Issuer(
                        "ours",
                        "https://login.example/realms/ours",
                        Set.of("sluice"),
                        null,
                        "sub",
                        "groups",
                        Set.of("RS256", "PS256", "ES256", "EdDSA", "Ed25519"),
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(5)));
        assertThat(read().warnings()).isEmpty();
        assertThat(read().settings().access().open()).isFalse();
    }

    @Test
    void read_everythingSet_reachesItsPlace() {
        set("zoo.issuer", "zoo");
        set("zoo.audience", "a, https://api.example/");
        set("zoo.jwks", "https://keys.example/jwks?p=1");
        set("zoo.name-claim", "preferred_username");
        set("zoo.groups-claim", "realm_access.roles");
        set("zoo.algorithms", "ES384");
        set("zoo.clock-skew", "0s");
        set("zoo.refresh", "1s");
        set("ours.issuer", "http://127.0.0.1:9000/");
        set("ours.audience", "sluice");
        assertThat(issuers()).extracting(Settings.Issuer::name).containsExactly("ours", "zoo");
        assertThat(issuers().get(1))
                .isEqualTo(new Settings.Issuer(
                        "zoo",
                        "zoo",
                        Set.of("a", "https://api.example/"),
                        URI.create("https://keys.example/jwks?p=1"),
                        "preferred_username",
                        "realm_access.roles",
                        Set.of("ES384"),
                        Duration.ZERO,
                        Duration.ofSeconds(1)));
    }

    @Test
    void read_fromVariables_isTheSame() {
        variables.put("SLUICE_ISSUERS_OURS_ISSUER", "https://login.example");
        variables.put("SLUICE_ISSUERS_OURS_AUDIENCE", "sluice");
        variables.put("SLUICE_ISSUERS_OURS_NAME_CLAIM", "email");
        variables.put("SLUICE_ISSUERS_OURS_GROUPS_CLAIM", "roles");
        assertThat(issuers()).singleElement().satisfies(issuer -> {
            assertThat(issuer.name()).isEqualTo("ours");
            assertThat(issuer.nameClaim()).isEqualTo("email");
            assertThat(issuer.groupsClaim()).isEqualTo("roles");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "issuer | https://login example | a text without blanks",
                "audience | a,,b | entry 2 of 3 is empty",
                "audience | a,a | no two the same",
                "jwks | http://login.example/keys | http only for this machine",
                "jwks | http://10.0.0.1/keys | http only for this machine",
                "jwks | ftp://localhost/keys | https://host",
                "jwks | https:/keys | https://host",
                "jwks | keys | https://host",
                "algorithms | HS256 | none and HS256 are not accepted",
                "algorithms | none | none and HS256 are not accepted",
                "algorithms | RS256,HS256 | entry 2 of 2 is ill-formed",
                "algorithms | rs256 | RS256, RS384",
                "algorithms | ES256,ES256 | no two the same",
                "algorithms | ES256K | no two the same",
                "clock-skew | 60 | with its unit",
                "clock-skew | 11m | from 0s to 10m",
                "refresh | 0s | from 1s to 1h",
                "name-claim | a b | the name of a claim",
            })
    void read_illFormed_stopsTheStart(String setting, String value, String words) {
        complete();
        set("ours." + setting, value);
        assertThat(fault()).contains("sluice.issuers.ours." + setting + " = \"" + value + "\"", words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://me:s3cret@login.example/keys", "https://login.example/keys#s3cret"})
    void jwks_withAUserOrFragment_isNotShown(String url) {
        complete();
        set("ours.jwks", url);
        assertThat(fault()).contains("sluice.issuers.ours.jwks").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://localhost:8080/a", "http://127.0.0.1/a", "http://[::1]:1/a", "HTTPS://login.example/a"})
    void jwks_thatNobodyCanForge_isAccepted(String url) {
        complete();
        set("ours.jwks", url);
        assertThat(issuers().get(0).jwks()).isEqualTo(URI.create(url));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://login.example",
                "login.example",
                "ours",
                "https://login.example/?realm=a",
                "https://login.example/#a",
                "https://me@login.example/"
            })
    void issuer_whoseKeysCannotBeFoundSafely_needsTheirUrl(String issuer) {
        set("ours.issuer", issuer);
        set("ours.audience", "sluice");
        assertThat(fault())
                .contains("sluice.issuers.ours.issuer", "or else the URL of its keys in sluice.issuers.ours.jwks");
        set("ours.jwks", "https://login.example/keys");
        assertThat(issuers().get(0).issuer()).isEqualTo(issuer);
    }

    @ParameterizedTest
    @CsvSource({"issuer, audience", "audience, issuer"})
    void read_incomplete_namesWhatIsMissing(String missing, String other) {
        complete();
        settings.remove("sluice.issuers.ours." + missing);
        assertThat(fault()).contains("sluice.issuers.ours." + missing + " = (not set): expected");
        settings.remove("sluice.issuers.ours." + other);
        set("ours.refresh", "1m");
        assertThat(fault()).contains("sluice.issuers.ours." + missing, "sluice.issuers.ours." + other);
    }

    @Test
    void read_sameIssuerTwice_stopsTheStart() {
        complete();
        set("zoo.issuer", "https://login.example");
        set("zoo.audience", "other");
        assertThat(fault())
                .contains("sluice.issuers.zoo.issuer", "expected another issuer than sluice.issuers.ours.issuer");
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.issuers.ours.isuer, sluice.issuers.ours.issuer",
        "sluice.issuers.ours.audiences, sluice.issuers.ours.audience",
        "sluice.issuer.ours.jwks, sluice.issuers.ours.jwks",
        "sluice.issuers.Ours.issuer, sluice.issuers.ours.issuer"
    })
    void read_unknownName_namesTheNearest(String name, String nearest) {
        complete();
        settings.put(name, "x");
        assertThat(fault()).contains(name, "unknown name, the nearest known is " + nearest);
    }

    @Test
    void read_openToo_warns() {
        complete();
        settings.put("sluice.access.open", "true");
        assertThat(read().warnings())
                .containsExactly(
                        "sluice.access.open has no effect, because sluice.issuers.<name> is set: every client must"
                                + " send a key or a token. Remove one of the two settings");
    }

    private void complete() {
        set("ours.issuer", "https://login.example");
        set("ours.audience", "sluice");
    }

    private void set(String name, String value) {
        settings.put("sluice.issuers." + name, value);
    }

    private List<Settings.Issuer> issuers() {
        return read().settings().identities().issuers();
    }

    private String fault() {
        SettingsException e = catchThrowableOfType(SettingsException.class, this::read);
        assertThat(e).as("a configuration with faults must not be accepted").isNotNull();
        return String.valueOf(e.getMessage());
    }

    private Configuration read() {
        return SettingsReader.read(List.of(Layer.contextParameters(settings), Layer.environment(variables)));
    }
}
