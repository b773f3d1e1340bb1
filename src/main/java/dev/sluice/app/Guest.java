package dev.sluice.app;

import dev.sluice.web.Mount;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

/**
 * Starts and stops Sluice below {@code /sluice} of an application that has it in its {@code WEB-INF/lib}. The JAR's web
 * fragment names it; an application whose {@code web.xml} keeps fragments out names it itself. Called by the container,
 * one method at a time.
 */
public final class Guest implements ServletContextListener {
    private static final String STARTED = "dev.sluice.guest";

    private final Application application = new Application(new Mount("/sluice"));

    @Override
    public void contextInitialized(ServletContextEvent event) {
        // Named in both places there are two of us.
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
