package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class RecordMethodsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A record of an application, with a component of a type of that application. */
    public record Pair(Pair other) {}

    @Test
    void classLoader_ofARecordThatWasComparedLast_isReleased() throws Exception {
        WeakReference<ClassLoader> application = compareInAnApplication();
        RecordMethods.release();
        Eventually.until(
                "the class loader is gone",
                PATIENCE,
                () -> {
                    ManagementFactory.getMemoryMXBean().gc();
                    return application.get() == null;
                },
                gone -> gone);
    }

    private static WeakReference<ClassLoader> compareInAnApplication() throws Exception {
        ClassLoader application = new Application();
        Class<?> pair = application.loadClass(Pair.class.getName());
        Object one = pair.getConstructor(pair).newInstance((Object) null);
        Object two = pair.getConstructor(pair).newInstance(one);
        assertThat(two).isNotEqualTo(one).hasToString("Pair[other=Pair[other=null]]");
        assertThat(two).hasSameHashCodeAs(pair.getConstructor(pair).newInstance(one));
        return new WeakReference<>(application);
    }

    /** Loads the record again, as a web application does. */
    private static final class Application extends ClassLoader {
        Application() {
            super(RecordMethodsTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(RecordMethodsTest.class.getName())) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) {
            String file = "/" + name.replace('.', '/') + ".class";
            try (InputStream in = Objects.requireNonNull(RecordMethodsTest.class.getResourceAsStream(file))) {
                byte[] code = in.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException unreadable) {
                throw new AssertionError(unreadable);
            }
        }
    }
}
