package dev.sluice.app;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.runtime.ObjectMethods;

/**
 * The methods {@code equals}, {@code hashCode} and {@code toString} that the JDK makes for records, each when it is first
 * called. Up to Java 18, static fields of the JDK hold the last class for which it has made one, and with it the class loader
 * of an application that was stopped.
 */
final class RecordMethods {
    private RecordMethods() {}

    /** Makes the JDK hold a class of its own instead. */
    static void release() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            MethodHandle component = lookup.findVirtual(String.class, "strip", methodType(String.class));
            for (String method : new String[] {"equals", "hashCode", "toString"}) {
                var unused = ObjectMethods.bootstrap(
                        lookup, method, MethodHandle.class, String.class, "component", component);
            }
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Throwable fault) { // declared by the JDK's method, which throws it for wrong arguments
            throw new IllegalStateException(fault);
        }
    }
}
