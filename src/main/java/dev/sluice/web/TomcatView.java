package dev.sluice.web;

import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Uses classes of Tomcat and TomEE that an application cannot name, by reflection. Stateless. */
final class TomcatView {
    private static final String TOMCAT = "org.apache.catalina.";

    private TomcatView() {}

    /**
     * A {@code ClientAbortException}, which Tomcat itself throws when a client has left; null in other containers. If it is
     * thrown in a dispatch of a committed response, Tomcat aborts the connection, logs nothing, and calls no error page
     * ({@code ApplicationDispatcher}, {@code StandardWrapperValve}, {@code StandardHostValve}, {@code ErrorReportValve}).
     */
    static @Nullable IOException clientAbort(ServletRequest request) {
        ServletRequest inner = ContainerPath.unwrapped(request);
        if (!inner.getClass().getName().startsWith(TOMCAT)) {
            return null;
        }
        try {
            ClassLoader tomcats = inner.getClass().getClassLoader();
            return Class.forName(TOMCAT + "connector.ClientAbortException", false, tomcats)
                    .asSubclass(IOException.class)
                    .getConstructor(String.class)
                    .newInstance("The answer is incomplete, so its connection is aborted");
        } catch (ReflectiveOperationException | ClassCastException anotherVersion) {
            return null;
        }
    }
}
