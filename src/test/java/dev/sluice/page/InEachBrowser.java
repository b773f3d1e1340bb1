package dev.sluice.page;

import dev.sluice.it.NeededPrograms;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * A test class that runs once in each {@link Engine} on this machine. A browser that is not found is skipped, and the
 * output names it. If the system property {@code test.mandatory} names it, the class fails.
 */
@Target(ElementType.TYPE)
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "in {0}", allowZeroInvocations = true)
@ArgumentsSource(InEachBrowser.Engines.class)
@interface InEachBrowser {
    /** The browsers on this machine. */
    final class Engines implements ArgumentsProvider {
        @Override
        public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
            return Arrays.stream(Engine.values())
                    .filter(engine ->
                            NeededPrograms.isHere(context.getDisplayName() + " in " + engine, engine.programs()))
                    .map(Arguments::of);
        }
    }
}
