package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's texts: each text that the page uses exists in every language, and each existing text is used. */
final class CatalogTest {
    private static final Path WEBAPP = Path.of("webapp");
    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");
    private static final Pattern FORM = Pattern.compile("\\.(zero|one|two|few|many|other)$");

    /** A use of a text: in scripts a quoted string with a dot in it, in HTML an attribute. */
    private static final Pattern QUOTED = Pattern.compile("['`\"]([a-z][a-z0-9-]*\\.[A-Za-z0-9_.-]+)['`\"]");

    /** The key of a text whose last part is known only at run time. */
    private static final Pattern BUILT = Pattern.compile("`([a-z][a-z0-9-]*\\.(?:[A-Za-z0-9_-]+[.-])*)\\$\\{");

    private static final Map<String, String> ENGLISH = catalog("en");

    @ParameterizedTest
    @ValueSource(strings = {"de", "fr", "zh"})
    void language_saysAllThatEnglishSays_withTheSameParameters(String language) {
        Map<String, String> catalog = catalog(language);
        assertThat(bases(catalog)).as("keys of " + language).isEqualTo(bases(ENGLISH));
        catalog.forEach((key, words) -> {
            String english = ENGLISH.getOrDefault(key, ENGLISH.getOrDefault(base(key) + ".other", ""));
            assertThat(parameters(words))
                    .as("parameters of %s in %s", key, language)
                    .isSubsetOf(parameters(english));
            assertThat(words).as("%s in %s", key, language).isNotBlank();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "de", "fr", "zh"})
    void catalog_isInOrder(String language) {
        List<String> keys = new ArrayList<>(
                Json.read(read(WEBAPP.resolve("i18n/" + language + ".json"))).propertyNames());
        assertThat(keys).isSorted();
    }

    @Test
    void words_areThereForWhateverThePageSays_andNoOthers() throws IOException {
        Set<String> asked = new TreeSet<>();
        Set<String> built = new TreeSet<>();
        for (Path file : sources()) {
            String text = read(file);
            collect(QUOTED, text, asked);
            collect(BUILT, text, built);
        }
        Set<String> areas = ENGLISH.keySet().stream()
                .map(key -> key.substring(0, key.indexOf('.')))
                .collect(Collectors.toSet());
        assertThat(asked)
                .as("asked for, and in no catalog")
                .filteredOn(key -> areas.contains(key.substring(0, key.indexOf('.'))) && !key.endsWith(".js"))
                .allMatch(key -> bases(ENGLISH).contains(key));
        assertThat(bases(ENGLISH))
                .as("in the catalog, and never asked for")
                .allMatch(key -> asked.contains(key) || built.stream().anyMatch(key::startsWith));
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> scripts = Files.walk(WEBAPP.resolve("js"))) {
            return Stream.concat(scripts.filter(Files::isRegularFile), Stream.of(WEBAPP.resolve("index.html")))
                    .toList();
        }
    }

    private static void collect(Pattern pattern, String text, Set<String> into) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            into.add(matcher.group(1));
        }
    }

    private static Map<String, String> catalog(String language) {
        Map<String, String> catalog = new TreeMap<>();
        Json.read(read(WEBAPP.resolve("i18n/" + language + ".json")))
                .properties()
                .forEach(entry -> catalog.put(entry.getKey(), entry.getValue().asString()));
        return catalog;
    }

    /** The keys without the plural forms, whose number differs by language. */
    private static Set<String> bases(Map<String, String> catalog) {
        return catalog.keySet().stream().map(CatalogTest::base).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String base(String key) {
        return FORM.matcher(key).replaceFirst("");
    }

    private static Set<String> parameters(String words) {
        return PARAMETER.matcher(words).results().map(match -> match.group(1)).collect(Collectors.toSet());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
