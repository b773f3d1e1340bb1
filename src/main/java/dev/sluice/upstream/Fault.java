package dev.sluice.upstream;

import java.util.Locale;

/** What keeps a provider from answering until its operator, or ours, does something about it. */
public enum Fault {
    /** The DNS knows no such host. */
    UNKNOWN_HOST("its host name is unknown", "Check %surl, and the DNS of this machine."),
    /** The DNS does not answer. */
    LATE_LOOKUP("its host name could not be looked up in time", "Check the DNS of this machine."),
    /** Nobody listens there. */
    CONNECTION_REFUSED("it refuses connections", "Check whether it runs, and %surl."),
    /** No connection, or no end of its handshake. */
    CONNECT_TIMEOUT(
            "no connection stood in time",
            "Check %surl, and what is on the way there: a firewall, a proxy (https.proxyHost)."),
    /** The connection closed before a request could leave. */
    BROKEN_OFF("it broke the connection off before the request was sent", "Check %surl, and what is on the way there."),
    /** No trust in its certificate, or no TLS there at all. */
    TLS_FAILED(
            "TLS with it failed",
            "Check its certificate, the trust store of this JVM (javax.net.ssl.trustStore), and whether %surl should"
                    + " begin with http:."),
    /** What answers there is no HTTP server. */
    NO_HTTP("it does not speak HTTP", "Check the scheme and the port of %surl."),
    /** Our key is wrong, or not enough. */
    KEY_REFUSED("it refuses our key, or what the key may do", "Check %skey (or XAI_API_KEY)."),
    /** It lists no models. */
    NO_MODELS("its models are not known", "It should list them at /models below %surl.");

    private final String words;
    private final String remedy;

    Fault(String words, String remedy) {
        this.words = words;
        this.remedy = remedy;
    }

    /** What is at fault, in the words that follow the provider's name. */
    String words() {
        return words;
    }

    /**
     * What an operator should do.
     *
     * @param settings the beginning of the names of the provider's settings
     */
    String remedy(String settings) {
        return remedy.replace("%s", settings);
    }

    /** As metrics and programs know it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
