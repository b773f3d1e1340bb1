package dev.sluice.app;

import dev.sluice.web.Mount;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

/**
 * Starts and stops Sluice below {@code /sluice} of a host application that has it in {@code WEB-INF/lib}. The web fragment in
 * the JAR declares this listener. A host whose {@code web.xml} is {@code metadata-complete} has to declare it itself. The
 * container calls it, one method at a time.
 */
public final class Guest implements ServletContextListener {
    private static final String STARTED = "dev.sluice.guest";

    private final Application application = new Application(new Mount("/sluice"));

    @Override
    public void contextInitialized(ServletContextEvent event) {
        // If both declare it, there are two instances, and only one may start.
        if (event.getServletContext().getAttribute(STARTED) == null) {
            event.getServletContext().setAttribute(STARTED, this);
            application.contextInitialized(event);
        }
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        application.contextDestroyed(event);
        if (event.getServletContext().getAttribute(STARTED) == this) {
            event.getServletContext().removeAttribute(STARTED);
        }
    }
}
