package dev.sluice.upstream;

import java.util.Locale;

/** The faults that keep a provider from answering until its operator, or that of Sluice, mends them. */
public enum Fault {
    /** The DNS knows no such host. */
    UNKNOWN_HOST("its host name is unknown", "Check %surl, and the DNS of this machine."),
    /** The DNS does not answer. */
    LATE_LOOKUP("its host name could not be looked up in time", "Check the DNS of this machine."),
    /** No process listens at the provider's address. */
    CONNECTION_REFUSED("it refuses connections", "Check whether it runs, and %surl."),
    /** The TCP connection or the TLS handshake was not complete in time. */
    CONNECT_TIMEOUT(
            "no connection was established in time",
            "Check %surl, and the firewall or proxy (https.proxyHost) in between."),
    /** The connection was closed before a request was sent. */
    BROKEN_OFF(
            "it closed the connection before the request was sent",
            "Check %surl, and the firewall or proxy in between."),
    /** Its certificate is not trusted, or it does not use TLS. */
    TLS_FAILED(
            "TLS with it failed",
            "Check its certificate, the trust store of this JVM (javax.net.ssl.trustStore), and whether %surl should"
                    + " begin with http:."),
    /** The server at this address does not speak HTTP. */
    NO_HTTP("it does not speak HTTP", "Check the scheme and the port of %surl."),
    /** The provider refuses the key, or the key lacks a permission. */
    KEY_REFUSED("it refuses the key, or the key lacks a permission", "Check %skey (or XAI_API_KEY)."),
    /** The provider has not sent its list of models. */
    NO_MODELS("its list of models could not be read", "Check whether it answers GET /models below %surl.");

    private final String description;
    private final String remedy;

    Fault(String description, String remedy) {
        this.description = description;
        this.remedy = remedy;
    }

    /** The fault, as a clause that follows the provider's name. */
    String description() {
        return description;
    }

    /**
     * What the operator should do, as sentences.
     *
     * @param settings the prefix of the names of the provider's settings
     */
    String remedy(String settings) {
        return remedy.replace("%s", settings);
    }

    /** The name of this fault in metrics and in JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
