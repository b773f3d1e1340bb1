package dev.sluice.web;

import jakarta.servlet.ServletContext;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which container an application is in, where its rules differ from the specification. Told by the servlet context, once:
 * requests, responses and asynchronous contexts may be a framework's, such as Spring Security's, in front of the
 * container's own.
 */
public enum Container {
    /** Tomcat, TomEE, and those made from its code: GlassFish and Payara. */
    TOMCAT,
    /** WildFly and JBoss EAP too. */
    UNDERTOW,
    /** Any other. */
    OTHER;

    /** By {@code getServerInfo()}; on Tomcat that can be set to anything, and then it is told by the context's class. */
    public static Container of(ServletContext context) {
        String info = String.valueOf(context.getServerInfo()).toLowerCase(Locale.ROOT);
        String type = context.getClass().getName();
        if (type.startsWith("org.apache.catalina.") || anyIn(info, "tomcat", "glassfish", "payara")) {
            return TOMCAT;
        }
        return type.startsWith("io.undertow.") || anyIn(info, "undertow", "wildfly", "jboss") ? UNDERTOW : OTHER;
    }

    private static boolean anyIn(String info, String... names) {
        return Stream.of(names).anyMatch(info::contains);
    }
}
