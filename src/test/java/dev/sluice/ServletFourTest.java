package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The javax WAR runs in Servlet 4, so the code must not use later parts of the API, which would fail at run time only. */
class ServletFourTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.sluice");

    @Test
    void everythingOfJakartaThatIsUsed_isInServletFour() {
        Set<String> missing = new TreeSet<>();
        for (JavaClass ours : MAIN) {
            Stream<String> types = ours.getDirectDependenciesFromSelf().stream()
                    .map(Dependency::getTargetClass)
                    .map(JavaClass::getBaseComponentType)
                    .map(JavaClass::getName)
                    .filter(ServletFourTest::isJakarta)
                    .filter(name -> !exists(name));
            Stream<String> calls = ours.getCodeUnitAccessesFromSelf().stream()
                    .filter(access -> isJakarta(access.getTargetOwner().getName()))
                    .filter(access -> !hasMember(access.getTarget()))
                    .map(access -> access.getDescription());
            Stream<String> fields = ours.getFieldAccessesFromSelf().stream()
                    .filter(access -> isJakarta(access.getTargetOwner().getName()))
                    .filter(access -> !hasField(access))
                    .map(access -> access.getDescription());
            Stream.of(types, calls, fields).flatMap(all -> all).forEach(missing::add);
        }
        assertThat(missing).as("what Servlet 4 does not have").isEmpty();
    }

    private static boolean isJakarta(String name) {
        return name.startsWith("jakarta.");
    }

    private static boolean exists(String name) {
        try {
            inServletFour(name);
            return true;
        } catch (AssertionError missing) {
            return false;
        }
    }

    private static boolean hasMember(CodeUnitAccessTarget target) {
        String owner = target.getOwner().getName();
        if (!exists(owner)) {
            return false;
        }
        List<String> parameters = target.getRawParameterTypes().stream()
                .map(JavaClass::getName)
                .map(ServletFourTest::translated)
                .toList();
        String result = translated(target.getRawReturnType().getName());
        Class<?> type = inServletFour(owner);
        return target.getName().equals("<init>")
                ? Stream.of(type.getDeclaredConstructors())
                        .anyMatch(each -> names(each.getParameterTypes()).equals(parameters))
                : lineage(type)
                        .flatMap(each -> Stream.of(each.getDeclaredMethods()))
                        .anyMatch(each -> each.getName().equals(target.getName())
                                && each.getReturnType().getName().equals(result)
                                && names(each.getParameterTypes()).equals(parameters));
    }

    private static boolean hasField(JavaFieldAccess access) {
        return exists(access.getTargetOwner().getName())
                && lineage(inServletFour(access.getTargetOwner().getName()))
                        .flatMap(each -> Stream.of(each.getDeclaredFields()))
                        .anyMatch(
                                each -> each.getName().equals(access.getTarget().getName()));
    }

    private static Stream<Class<?>> lineage(Class<?> type) {
        Stream<Class<?>> parents = Stream.concat(
                Stream.of(type.getInterfaces()),
                type.getSuperclass() == null ? Stream.of(Object.class) : Stream.of(type.getSuperclass()));
        return Stream.concat(
                Stream.of(type), type == Object.class ? Stream.empty() : parents.flatMap(ServletFourTest::lineage));
    }

    private static List<String> names(Class<?>[] types) {
        return Stream.of(types).map(Class::getName).toList();
    }

    private static String translated(String jakarta) {
        return jakarta.replace("jakarta.servlet.", "javax.servlet.");
    }

    private static Class<?> inServletFour(String jakarta) {
        try {
            return Class.forName(translated(jakarta), false, ServletFourTest.class.getClassLoader());
        } catch (ClassNotFoundException missing) {
            throw new AssertionError("Servlet 4 has no " + translated(jakarta), missing);
        }
    }
}
