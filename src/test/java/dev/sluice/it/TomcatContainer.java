package dev.sluice.it;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Tomcat or TomEE, with the configuration that the documents recommend for Tomcat. */
final class TomcatContainer implements Container {
    private static final String DEPLOYER = "Catalina:type=Deployer,host=localhost";

    /** The options of bin/catalina.sh, by which Tomcat can clean up after applications. */
    private static final List<String> OPENED = List.of(
            "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.util", "java.util.concurrent");

    private final ServerProcess process;
    private final URI base;
    private final Path context;
    /** Attached at the first use, because a JVM cannot be attached to at once after its start. Guarded by this. */
    private @Nullable Jmx jmx;

    private TomcatContainer(ServerProcess process, URI base, Path context) {
        this.process = process;
        this.base = base;
        this.context = context;
    }

    /** @param name the name of the distribution; the property {@code test.<name>.home} has its directory */
    static TomcatContainer launch(String name, Launch launch) throws IOException {
        return launch(name, launch, "", "");
    }

    /** The distribution of all tests, with a valve in front of its applications. */
    static TomcatContainer launchWithValve(Launch launch, String valve) throws IOException {
        return launch("tomcat", launch, "", valve);
    }

    /** The distribution of all tests, with the log configuration of the distribution; its console is {@code catalina.out}. */
    static TomcatContainer launchWithItsOwnLog(Launch launch) throws IOException {
        Path shipped = Path.of(ServerProcess.property("test.tomcat.home"), "conf/logging.properties");
        return launch("tomcat", launch, "", "", shipped);
    }

    /** The distribution of all tests, with HTTP/2 without TLS too. */
    static TomcatContainer launchWithHttp2(Launch launch) throws IOException {
        return launch("tomcat", launch, "<UpgradeProtocol className=\"org.apache.coyote.http2.Http2Protocol\"/>", "");
    }

    /** The distribution of all tests, with a second port for AJP. */
    static TomcatContainer launchWithAjp(Launch launch, int port) throws IOException {
        return launch(
                "tomcat",
                launch,
                "</Connector><Connector address=\"127.0.0.1\" port=\"" + port
                        + "\" protocol=\"AJP/1.3\" secretRequired=\"false\">",
                "");
    }

    /** The distribution of all tests, with a second port, for clients with TLS, which may show certificates. */
    static TomcatContainer launchWithTls(Launch launch, int port, Path store, Path trusted, String password)
            throws IOException {
        return launch("tomcat", launch, """
                </Connector><Connector address="127.0.0.1" port="%d" SSLEnabled="true" scheme="https" secure="true"
                        protocol="org.apache.coyote.http11.Http11NioProtocol">
                  <SSLHostConfig certificateVerification="optional" truststoreFile="%s" truststorePassword="%s"
                        truststoreType="PKCS12">
                    <Certificate certificateKeystoreFile="%s" certificateKeystorePassword="%s"
                        certificateKeystoreType="PKCS12"/>
                  </SSLHostConfig>
                """.formatted(port, trusted, password, store, password), "");
    }

    private static TomcatContainer launch(String name, Launch launch, String inConnector, String inHost)
            throws IOException {
        return launch(name, launch, inConnector, inHost, null);
    }

    /** @param log the configuration of the log; null to log everything to the console */
    private static TomcatContainer launch(
            String name, Launch launch, String inConnector, String inHost, @Nullable Path log) throws IOException {
        Path directory = ServerProcess.newDirectory(name);
        int port = ServerProcess.freePort();
        String home = ServerProcess.property("test." + name + ".home");
        Path context = configure(
                home, directory, port, launch.poolThreads() > 0 ? launch.poolThreads() : 200, inConnector, inHost);
        if (launch.neighbour() != null) {
            ForeignContainer.copy(launch.neighbour(), directory.resolve("webapps/neighbour"));
        }
        List<String> command = new ArrayList<>();
        command.add(ServerProcess.java());
        command.add("-Dtest.war=" + ServerProcess.property("test.war"));
        command.addAll(launch.arguments()); // which may name another WAR
        command.add("-Dneighbour.base=http://127.0.0.1:" + port); // for its descriptor to name
        for (String opened : OPENED) {
            command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        command.add("--add-opens=java.rmi/sun.rmi.transport=ALL-UNNAMED");
        command.add("-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager");
        Path ours = directory.resolve("conf/logging.properties");
        command.add("-Djava.util.logging.config.file=" + (log == null ? ours : log));
        command.add("-Djava.io.tmpdir=" + directory.resolve("temp"));
        command.add("-Dcatalina.home=" + home);
        command.add("-Dcatalina.base=" + directory);
        command.add("-cp");
        command.add(home + "/bin/bootstrap.jar" + File.pathSeparator + home + "/bin/tomcat-juli.jar");
        // Without catalina.sh, because ending this process must end the JVM.
        command.add("org.apache.catalina.startup.Bootstrap");
        command.add("start");
        ServerProcess process = ServerProcess.start(name, command, launch.environment(), directory);
        return new TomcatContainer(process, URI.create("http://127.0.0.1:" + port), context);
    }

    @Override
    public ServerProcess process() {
        return process;
    }

    @Override
    public URI base() {
        return base;
    }

    @Override
    public synchronized Jmx jmx() {
        Jmx known = jmx;
        if (known == null) {
            known = Jmx.attach(process.pid());
            jmx = known;
        }
        return known;
    }

    @Override
    public void undeploy() {
        try {
            Files.delete(context);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        check();
    }

    @Override
    public void deploy() {
        writeContext(context);
        check();
        awaitReady();
    }

    /** The stopped applications whose class loader is still reachable, as Tomcat reports them. */
    List<String> leaks() {
        return List.of((String[])
                jmx().invoke("Catalina:type=Host,host=localhost", "findReloadedContextMemoryLeaks", new Object[0]));
    }

    @Override
    public String toString() {
        return "Tomcat";
    }

    private void check() {
        jmx().invoke(DEPLOYER, "check", new Object[] {""}, String.class.getName());
    }

    private static Path configure(
            String home, Path directory, int port, int poolThreads, String inConnector, String inHost)
            throws IOException {
        for (String name : List.of("temp", "work", "webapps", "conf/Catalina/localhost")) {
            Files.createDirectories(directory.resolve(name));
        }
        Files.copy(Path.of(home, "conf", "web.xml"), directory.resolve("conf/web.xml"));
        Files.writeString(directory.resolve("conf/tomcat-users.xml"), """
                <tomcat-users>
                  <user username="ann" password="secret" roles="user"/>
                </tomcat-users>
                """);
        Files.writeString(directory.resolve("conf/logging.properties"), """
                handlers=java.util.logging.ConsoleHandler
                .handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.formatter=org.apache.juli.OneLineFormatter
                """);
        // With 0, HTTP/2 streams whose clients take nothing are refused too slowly.
        int processors = inConnector.contains("Http2Protocol") ? 200 : 0;
        Files.writeString(directory.resolve("conf/server.xml"), """
                <Server port="-1">
                  <Listener className="org.apache.catalina.core.JreMemoryLeakPreventionListener"/>
                  <Listener className="org.apache.catalina.core.ThreadLocalLeakPreventionListener"/>
                  <Service name="Catalina">
                    <Connector address="127.0.0.1" port="%d" protocol="org.apache.coyote.http11.Http11NioProtocol"
                               connectionTimeout="180000" acceptCount="1024" maxThreads="%d" socket.txBufSize="65536"
                               processorCache="%d"
                               maxHttpRequestHeaderSize="32768">
                      %s
                    </Connector>
                    <Engine name="Catalina" defaultHost="localhost">
                      <Realm className="org.apache.catalina.realm.MemoryRealm"/>
                      <Host name="localhost" appBase="webapps" autoDeploy="false"
                            errorReportValveClass="org.apache.catalina.valves.JsonErrorReportValve">
                        %s
                      </Host>
                    </Engine>
                  </Service>
                </Server>
                """.formatted(
                        port, poolThreads, processors, inConnector, inHost));
        Path context = directory.resolve("conf/Catalina/localhost/ROOT.xml");
        writeContext(context);
        return context;
    }

    private static void writeContext(Path context) {
        try {
            Files.writeString(context, "<Context docBase=\"${test.war}\"/>\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
