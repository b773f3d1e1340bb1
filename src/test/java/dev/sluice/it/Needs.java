package dev.sluice.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test that needs a program which not every machine has. If it is missing, the test is skipped, and the report names
 * it. If the system property {@code test.mandatory}, names separated by commas, has {@link #program()}, the test fails.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeededPrograms.class)
public @interface Needs {
    /** The program's name on the {@code PATH}, and its name in {@code test.mandatory}. */
    String program();

    /** The smallest major version, by {@code --version}; 0 for any. */
    int from() default 0;

    /** Further programs that the test needs, of any version. */
    String[] with() default {};
}
