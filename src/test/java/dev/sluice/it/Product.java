package dev.sluice.it;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The servlet containers of the documents' matrix. Those that are not here, because the build was not asked for them
 * ({@code mvn verify -Pmatrix} asks for all), are left out.
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

    /** As its makers call it, and which of them. */
    String label() {
        return label + " " + ServerProcess.property("test." + key + ".version");
    }

    /** Whether it can undeploy an application and go on. */
    boolean undeploys() {
        return this != PAYARA_MICRO;
    }

    /** Returns when the application says that it is ready. */
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
