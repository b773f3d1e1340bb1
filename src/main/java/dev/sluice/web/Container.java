package dev.sluice.web;

import jakarta.servlet.ServletContext;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The containers whose behaviour differs from the specification. The servlet context tells which one it is. Requests,
 * responses and asynchronous contexts cannot: they may be wrappers of a framework, such as Spring Security.
 */
public enum Container {
    /** Tomcat and TomEE, and those derived from Tomcat's code: GlassFish and Payara. */
    TOMCAT,
    /** Undertow, WildFly and JBoss EAP. */
    UNDERTOW,
    /** Any other. */
    OTHER;

    /** By {@code getServerInfo()}, or by the context's class, because an operator can change Tomcat's server info. */
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
