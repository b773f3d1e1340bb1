package dev.sluice.it;

import static java.util.Objects.requireNonNull;

import dev.sluice.it.host.AdmissionHost;
import dev.sluice.it.host.HostServlet;
import dev.sluice.it.host.OldFilter;
import dev.sluice.it.host.TokenFilter;
import dev.sluice.it.host.TokenInitializer;
import dev.sluice.it.host.WaitingFilter;
import dev.sluice.it.host.WrappingFilter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A host application: Sluice's JAR and its dependencies in {@code WEB-INF/lib}, a servlet, an error page and a login of its
 * own, a filter that wraps requests, and on {@code /sluice/v1/*} a filter without asynchronous support. Its only user is ann.
 */
final class HostWar {
    /** The credentials of {@code Authorization}: ann:secret. */
    static final String LOGIN = "Basic YW5uOnNlY3JldA==";

    /** Jetty's login service; Tomcat's realm is in its server.xml. */
    private static final String JETTY_WEB_XML = """
            <?xml version="1.0"?>
            <!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_10_0.dtd">
            <Configure class="org.eclipse.jetty.ee10.webapp.WebAppContext">
              <Get name="baseResource">
                <Call name="resolve" id="users"><Arg>WEB-INF/users.properties</Arg></Call>
              </Get>
              <Get name="securityHandler">
                <Set name="loginService">
                  <New class="org.eclipse.jetty.security.HashLoginService">
                    <Set name="name">host</Set>
                    <Set name="config"><Ref refid="users"/></Set>
                  </New>
                </Set>
              </Get>
            </Configure>
            """;

    private static final String LISTENER = """
              <listener>
                <listener-class>dev.sluice.app.Guest</listener-class>
              </listener>
            """;

    private static final String WEB_XML = """
            <?xml version="1.0" encoding="UTF-8"?>
            <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="%s">
            %s  <filter>
                <filter-name>old</filter-name>
                <filter-class>dev.sluice.it.host.OldFilter</filter-class>
              </filter>
              <filter-mapping>
                <filter-name>old</filter-name>
                <url-pattern>/sluice/v1/*</url-pattern>
              </filter-mapping>
              <filter>
                <filter-name>waiting</filter-name>
                <filter-class>dev.sluice.it.host.WaitingFilter</filter-class>
                <async-supported>true</async-supported>
              </filter>
              <filter-mapping>
                <filter-name>waiting</filter-name>
                <url-pattern>/*</url-pattern>
              </filter-mapping>
              <filter>
                <filter-name>wrapping</filter-name>
                <filter-class>dev.sluice.it.host.WrappingFilter</filter-class>
                <async-supported>true</async-supported>
              </filter>
              <filter-mapping>
                <filter-name>wrapping</filter-name>
                <url-pattern>/*</url-pattern>
                <dispatcher>REQUEST</dispatcher>
                <dispatcher>ASYNC</dispatcher>
              </filter-mapping>
              <servlet>
                <servlet-name>host</servlet-name>
                <servlet-class>dev.sluice.it.host.HostServlet</servlet-class>
                <async-supported>true</async-supported>
              </servlet>
              <servlet-mapping>
                <servlet-name>host</servlet-name>
                <url-pattern>/greeting</url-pattern>
                <url-pattern>/fault</url-pattern>
                <url-pattern>/forward</url-pattern>
                <url-pattern>/include</url-pattern>
                <url-pattern>/named</url-pattern>
                <url-pattern>/oops</url-pattern>
              </servlet-mapping>
              <error-page>
                <location>/oops</location>
              </error-page>
              <security-constraint>
                <web-resource-collection>
                  <web-resource-name>answers</web-resource-name>
                  <url-pattern>/sluice/*</url-pattern>
                </web-resource-collection>
                <auth-constraint>
                  <role-name>user</role-name>
                </auth-constraint>
              </security-constraint>
              <login-config>
                <auth-method>BASIC</auth-method>
                <realm-name>host</realm-name>
              </login-config>
              <security-role>
                <role-name>user</role-name>
              </security-role>
            </web-app>
            """;

    /** How the host says that it wants Sluice. */
    enum Invitation {
        /** Not at all: the JAR's fragment does. */
        FRAGMENT,
        /** Its {@code web.xml} is {@code metadata-complete}, which keeps fragments out, and names the listener. */
        LISTENER,
        /** Its {@code web.xml} names the listener beside the fragment. */
        BOTH;

        private String webXml() {
            return WEB_XML.formatted(this == LISTENER, this == FRAGMENT ? "" : HostWar.LISTENER);
        }
    }

    private HostWar() {}

    /** The directory of the application. */
    static Path make(Invitation invitation) throws IOException {
        Path root = ServerProcess.newDirectory("host");
        Path lib = Files.createDirectories(root.resolve("WEB-INF/lib"));
        Files.writeString(root.resolve("WEB-INF/web.xml"), invitation.webXml());
        Files.writeString(root.resolve("WEB-INF/jetty-web.xml"), JETTY_WEB_XML);
        Files.writeString(root.resolve("WEB-INF/users.properties"), "ann: secret, user\n");
        Path classes = Files.createDirectories(root.resolve("WEB-INF/classes/dev/sluice/it/host"));
        for (Class<?> type : List.of(HostServlet.class, OldFilter.class, WaitingFilter.class, WrappingFilter.class)) {
            copyClass(type, classes);
            for (Class<?> nested : type.getDeclaredClasses()) {
                copyClass(nested, classes);
            }
        }
        Files.copy(Path.of(ServerProcess.property("test.classes.jar")), lib.resolve("sluice-classes.jar"));
        copyDependencies(lib);
        return root;
    }

    private static void copyClass(Class<?> type, Path folder) throws IOException {
        String name = type.getName().substring(type.getPackageName().length() + 1) + ".class";
        try (InputStream bytes = requireNonNull(type.getResourceAsStream(name), name)) {
            Files.copy(bytes, folder.resolve(name));
        }
    }

    /**
     * A host application that a library protects by a {@code ServletContainerInitializer}; no descriptor names the library.
     *
     * @return its directory
     */
    static Path makeGuarded() throws IOException {
        Path root = ServerProcess.newDirectory("guarded");
        Path lib = Files.createDirectories(root.resolve("WEB-INF/lib"));
        Files.writeString(
                root.resolve("WEB-INF/web.xml"),
                "<web-app xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"6.0\"/>");
        try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(lib.resolve("protection.jar")))) {
            jar.putNextEntry(new ZipEntry("META-INF/services/jakarta.servlet.ServletContainerInitializer"));
            jar.write(TokenInitializer.class.getName().getBytes(StandardCharsets.UTF_8));
            for (Class<?> type : List.of(TokenInitializer.class, TokenFilter.class)) {
                String name = type.getSimpleName() + ".class";
                jar.putNextEntry(new ZipEntry(type.getName().replace('.', '/') + ".class"));
                try (InputStream bytes = requireNonNull(type.getResourceAsStream(name), name)) {
                    bytes.transferTo(jar);
                }
            }
        }
        Files.copy(Path.of(ServerProcess.property("test.classes.jar")), lib.resolve("sluice-classes.jar"));
        copyDependencies(lib);
        return root;
    }

    /**
     * One whose {@link AdmissionHost} has streams of its own.
     *
     * @return its directory
     */
    static Path makeAdmitting() throws IOException {
        Path root = ServerProcess.newDirectory("admitting");
        Path lib = Files.createDirectories(root.resolve("WEB-INF/lib"));
        Files.writeString(
                root.resolve("WEB-INF/web.xml"),
                "<web-app xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"6.0\"><listener><listener-class>"
                        + AdmissionHost.class.getName() + "</listener-class></listener></web-app>");
        Path classes = Files.createDirectories(root.resolve("WEB-INF/classes/dev/sluice/it/host"));
        Path compiled = Path.of(requireNonNull(AdmissionHost.class.getResource("AdmissionHost.class"), "compiled")
                .getPath());
        try (DirectoryStream<Path> all =
                Files.newDirectoryStream(requireNonNull(compiled.getParent()), "AdmissionHost*.class")) {
            for (Path type : all) { // some have no name
                Files.copy(type, classes.resolve(type.getFileName()));
            }
        }
        Files.copy(Path.of(ServerProcess.property("test.classes.jar")), lib.resolve("sluice-classes.jar"));
        copyDependencies(lib);
        return root;
    }

    private static void copyDependencies(Path lib) throws IOException {
        Path war = Path.of(ServerProcess.property("test.war"));
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(war))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().matches("WEB-INF/lib/[^/]+\\.jar")) {
                    Files.copy(zip, lib.resolve(entry.getName().substring("WEB-INF/lib/".length())));
                }
            }
        }
    }
}
