package dev.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How containers name themselves. */
class ContainerTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "Apache Tomcat/10.1.59, TOMCAT",
                "Apache Tomcat (TomEE)/10.0.27 (9.0.0), TOMCAT",
                "Eclipse GlassFish 7.0.21, TOMCAT",
                "Payara Micro 6.2025.10, TOMCAT",
                "Undertow - 2.3.18.Final, UNDERTOW",
                "WildFly 39.0.1.Final - 2.3.20.Final, UNDERTOW",
                "JBoss EAP 8.0 - 2.3.10.SP1, UNDERTOW",
                "jetty/12.1.12, OTHER",
                "SMF WebContainer, OTHER",
                "-, OTHER"
            })
    void container_isToldByItsInfo(@Nullable String info, Container container) {
        ServletContext context = (ServletContext) Proxy.newProxyInstance(
                ContainerTest.class.getClassLoader(),
                new Class<?>[] {ServletContext.class},
                (proxy, called, arguments) -> called.getName().equals("getServerInfo") ? info : null);
        assertThat(Container.of(context)).isEqualTo(container);
    }
}
