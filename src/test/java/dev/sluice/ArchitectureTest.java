package dev.sluice;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The dependencies between the packages. */
class ArchitectureTest {
    private static final String ROOT = "dev.sluice.";
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.sluice");

    /** The packages that each package may use beside itself, the JDK and the annotations for null. */
    @ParameterizedTest
    @CsvSource({
        "sse,       ''",
        "chat,      ''",
        "relay,     dev.sluice.sse dev.sluice.chat org.slf4j",
        "dialect,   dev.sluice.relay dev.sluice.sse dev.sluice.chat tools.jackson..",
        "dialect.anthropic, dev.sluice.dialect dev.sluice.relay dev.sluice.sse dev.sluice.chat tools.jackson..",
        "dialect.openai, dev.sluice.dialect dev.sluice.relay dev.sluice.sse dev.sluice.chat tools.jackson..",
        "dialect.responses, dev.sluice.dialect dev.sluice.relay dev.sluice.sse dev.sluice.chat tools.jackson..",
        "upstream,  dev.sluice.upstream.jetty dev.sluice.dialect dev.sluice.relay dev.sluice.chat dev.sluice.sse"
                + " org.eclipse.jetty.. org.slf4j",
        "upstream.jetty, dev.sluice.relay org.eclipse.jetty.. org.slf4j",
        "doctor,    dev.sluice.relay dev.sluice.chat dev.sluice.sse",
        "simulator, dev.sluice.relay dev.sluice.chat tools.jackson..",
        "observe,   dev.sluice.relay dev.sluice.chat io.micrometer.. org.slf4j tools.jackson.core..",
        "web,       dev.sluice.dialect dev.sluice.relay dev.sluice.chat jakarta.servlet.. org.slf4j",
        "admission, dev.sluice.relay dev.sluice.chat dev.sluice.config org.slf4j",
        "admission.redis, dev.sluice.admission dev.sluice.config dev.sluice.relay io.lettuce.core.. io.netty.. reactor.core.."
                + " org.slf4j",
        "jwt,       dev.sluice.config dev.sluice.relay dev.sluice.chat com.nimbusds.jose.. org.slf4j",
        "caller,    dev.sluice.web dev.sluice.jwt dev.sluice.config dev.sluice.relay dev.sluice.chat jakarta.servlet..",
        "page,      dev.sluice.web dev.sluice.caller dev.sluice.chat jakarta.servlet..",
        "servlet,   dev.sluice.web dev.sluice.caller dev.sluice.admission dev.sluice.dialect dev.sluice.doctor"
                + " dev.sluice.relay dev.sluice.chat dev.sluice.sse dev.sluice.config jakarta.servlet.. tools.jackson.."
                + " org.slf4j",
        "config,    org.slf4j",
        "standalone, org.eclipse.jetty..",
    })
    void package_knowsNoMoreThanItsRoomAllows(String name, String known) {
        List<String> allowed = new ArrayList<>(List.of(ROOT + name, "java..", "javax..", "org.jspecify.annotations"));
        if (!known.isEmpty()) {
            allowed.addAll(List.of(known.split(" ")));
        }
        classes()
                .that()
                .resideInAPackage(ROOT + name)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed.toArray(String[]::new))
                .check(MAIN);
    }

    /** Each package has to be in the table above. */
    @Test
    void packages_areThoseOfTheTable() {
        assertThat(MAIN.getPackage("dev.sluice").getSubpackages())
                .extracting(JavaPackage::getRelativeName)
                .containsExactlyInAnyOrder(
                        "sse",
                        "chat",
                        "relay",
                        "dialect",
                        "upstream",
                        "simulator",
                        "doctor",
                        "observe",
                        "web",
                        "caller",
                        "jwt",
                        "admission",
                        "page",
                        "servlet",
                        "config",
                        "app",
                        "standalone");
    }

    @Test
    void app_isKnownToNobody() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.sluice.app")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.sluice.app")
                .check(MAIN);
    }

    /** A further dialect is one package more, and changes no other. */
    @Test
    void dialect_isKnownToAppOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "dialect.*..", ROOT + "app")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "dialect.*..")
                .check(MAIN);
        slices().matching(ROOT + "dialect.(*)..")
                .should()
                .notDependOnEachOther()
                .check(MAIN);
    }

    /** The simulator is a provider that speaks them, and one setting is about such providers. */
    @Test
    void endOfChatCompletions_isKnownToTheirDialectOnly() throws IOException {
        Path main = Path.of("src/main/java/dev/sluice");
        try (Stream<Path> files = Files.walk(main)) {
            assertThat(files.filter(file -> file.toString().endsWith(".java"))
                            .filter(file -> !file.startsWith(main.resolve("dialect/openai")))
                            .filter(file -> !file.startsWith(main.resolve("dialect/responses")))
                            .filter(file -> !file.startsWith(main.resolve("simulator")))
                            .filter(file -> !file.equals(main.resolve("config/Options.java"))))
                    .isNotEmpty()
                    .noneSatisfy(file -> assertThat(file).content().contains("[DONE]"));
        }
    }

    @Test
    void clientsSideAndUpstream_neverMeet() {
        String[] clientsSide = {ROOT + "web", ROOT + "caller", ROOT + "jwt", ROOT + "page", ROOT + "servlet"};
        noClasses()
                .that()
                .resideInAnyPackage(clientsSide)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "upstream..")
                .check(MAIN);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "upstream..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(clientsSide)
                .check(MAIN);
    }

    @Test
    void packages_haveNoCycles() {
        slices().matching("dev.sluice.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void nobody_sleeps() {
        noClasses()
                .should()
                .callMethodWhere(describe(
                        "Thread.sleep is called",
                        call -> call.getTargetOwner().isEquivalentTo(Thread.class)
                                && call.getName().equals("sleep")))
                .check(MAIN);
    }

    /** All code logs by slf4j, whose binding the container or the host application chooses. The standalone program configures one. */
    @Test
    void nobody_logsByAnotherApi() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.sluice.standalone")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(System.Logger.class)
                .check(MAIN);
    }

    /** The application's class loader does not find these classes. */
    @Test
    void standalone_isKnownToNobody() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.sluice.standalone")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.sluice.standalone")
                .check(MAIN);
    }

    /** Only the standalone program, which is called on a command line, may print. */
    @Test
    void nobody_printsPastTheLog() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.sluice.standalone")
                .should(ACCESS_STANDARD_STREAMS)
                .check(MAIN);
    }
}
