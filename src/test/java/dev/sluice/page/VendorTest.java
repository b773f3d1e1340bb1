package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The page's libraries are those that its lock file names, byte for byte, and there are no others. */
final class VendorTest {
    private static final Path PAGE = Path.of("webapp");
    private static final Path VENDOR = PAGE.resolve("vendor");
    private static final String LOCK = "vendor.lock.json";
    private static final Pattern VENDORED = Pattern.compile("\\.\\./vendor/([^'`]+)['`]");
    private static final String EACH = "${name}";
    private static final Pattern GRAMMAR = Pattern.compile("(?m)^ {2}(\\w+): '");

    @Test
    void everyFile_isInTheLockWithItsHash() throws IOException {
        Map<String, String> locked = new TreeMap<>();
        for (JsonNode library : libraries()) {
            library.get("files").forEachEntry((file, hash) -> locked.put(file, hash.asString()));
        }
        Map<String, String> present = new TreeMap<>();
        for (String file : filesBelow(VENDOR)) {
            if (!file.equals(LOCK)) {
                present.put(file, hash(VENDOR.resolve(file)));
            }
        }
        assertThat(present).isEqualTo(locked);
    }

    /** Their directories are served as immutable, so another version needs another directory. */
    @Test
    void everyLibrary_liesInADirectoryOfItsVersion_withItsLicence() throws IOException {
        for (JsonNode library : libraries()) {
            String home = library.get("name").asString() + "-"
                    + library.get("version").asString() + "/";
            assertThat(library.get("licence").asString()).as(home).isNotBlank();
            List<String> files =
                    library.get("files").propertyStream().map(Map.Entry::getKey).toList();
            assertThat(files).contains(home + "LICENSE").allSatisfy(file -> assertThat(file)
                    .startsWith(home));
            for (JsonNode part : library.path("bundles")) {
                assertThat(files).contains(home + "LICENSE." + part.get("name").asString());
            }
        }
    }

    @Test
    void everyFile_thatThePageImports_isThere() throws IOException {
        String grammars = Files.readString(PAGE.resolve("js/markdown/languages.js"));
        List<String> names =
                GRAMMAR.matcher(grammars).results().map(name -> name.group(1)).toList();
        assertThat(names).contains("javascript", "python");
        List<String> imported = new ArrayList<>();
        for (String script : filesBelow(PAGE.resolve("js"))) {
            VENDORED.matcher(Files.readString(PAGE.resolve("js").resolve(script)))
                    .results()
                    .map(match -> match.group(1))
                    .flatMap(path -> path.contains(EACH)
                            ? names.stream().map(name -> path.replace(EACH, name))
                            : Stream.of(path))
                    .forEach(imported::add);
        }
        assertThat(imported).hasSizeGreaterThan(names.size());
        assertThat(imported).allSatisfy(path -> assertThat(VENDOR.resolve(path)).exists());
    }

    private static JsonNode libraries() throws IOException {
        return Json.read(Files.readAllBytes(VENDOR.resolve(LOCK))).get("libraries");
    }

    private static List<String> filesBelow(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> directory.relativize(file).toString().replace('\\', '/'))
                    .toList();
        }
    }

    private static String hash(Path file) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
