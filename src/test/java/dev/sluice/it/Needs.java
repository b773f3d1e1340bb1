package dev.sluice.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of programs that not every machine has. Where one is not found the test is left out, and the report says which;
 * where the system property {@code test.mandatory}, names with commas between, has {@link #program()}, it fails.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeededPrograms.class)
public @interface Needs {
    /** The program's name on the {@code PATH}, and its name in {@code test.mandatory}. */
    String program();

    /** The least major version, as {@code --version} tells it; 0 for any. */
    int from() default 0;

    /** Programs that belong to it, of any version. */
    String[] with() default {};
}
