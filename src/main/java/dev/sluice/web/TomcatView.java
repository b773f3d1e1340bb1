package dev.sluice.web;

import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What Tomcat, and a TomEE around one, has that an application cannot name. Stateless. */
final class TomcatView {
    private static final String TOMCAT = "org.apache.catalina.";

    private TomcatView() {}

    /**
     * What Tomcat itself throws when a client has left. Thrown in a dispatch of an answer that has begun, it breaks the
     * connection off, and neither is it logged nor is an error page called (its {@code ApplicationDispatcher}, {@code
     * StandardWrapperValve}, {@code StandardHostValve} and {@code ErrorReportValve}). Null in any other container.
     */
    static @Nullable IOException clientAbort(ServletRequest request) {
        ServletRequest inner = Way.unwrapped(request);
        if (!inner.getClass().getName().startsWith(TOMCAT)) {
            return null;
        }
        try {
            ClassLoader tomcats = inner.getClass().getClassLoader();
            return Class.forName(TOMCAT + "connector.ClientAbortException", false, tomcats)
                    .asSubclass(IOException.class)
                    .getConstructor(String.class)
                    .newInstance("The answer broke off; so does its connection");
        } catch (ReflectiveOperationException | ClassCastException anotherVersion) {
            return null;
        }
    }
}
