package dev.sluice.it;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The servlet containers of the documents' table. Those that the build has not unpacked are skipped; {@code mvn verify
 * -Pmatrix} unpacks all.
 */
enum Product {
    JETTY("jetty", "Jetty"),
    TOMCAT_10("tomcat", "Tomcat"),
    TOMCAT_11("tomcat11", "Tomcat"),
    TOMEE("tomee", "TomEE"),
    WILDFLY("wildfly", "WildFly"),
    OPEN_LIBERTY("liberty", "Open Liberty"),
    PAYARA_MICRO("payara", "Payara Micro"),
    GLASSFISH("glassfish", "GlassFish");

    private final String key;
    private final String label;

    Product(String key, String label) {
        this.key = key;
        this.label = label;
    }

    static List<Product> present() {
        return Arrays.stream(values())
                .filter(product -> !Boolean.getBoolean("test.without." + product.key))
                .toList();
    }

    /** Its name and version. */
    String label() {
        return label + " " + ServerProcess.property("test." + key + ".version");
    }

    /** Whether it can undeploy an application while it runs. */
    boolean undeploys() {
        return this != PAYARA_MICRO;
    }

    /** Starts it, and returns when the application is ready. */
    Container start(Launch launch) throws IOException {
        Container container =
                switch (this) {
                    case JETTY -> JettyContainer.launch(launch.asRedeployable());
                    case TOMCAT_10, TOMCAT_11, TOMEE -> TomcatContainer.launch(key, launch);
                    case WILDFLY -> WildFlyContainer.launch(launch);
                    case OPEN_LIBERTY -> LibertyContainer.launch(launch);
                    case PAYARA_MICRO -> PayaraContainer.launch(launch);
                    case GLASSFISH -> GlassFishContainer.launch(launch);
                };
        container.awaitReady();
        return container;
    }
}
