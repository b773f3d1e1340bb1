package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.upstream.jetty.Lookups;
import dev.sluice.upstream.jetty.ProviderClient;
import dev.sluice.upstream.jetty.TokenReceiver;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Converts the exception of a failed exchange to the failure that the client gets. The exception's own message never
 * reaches the client, because it may contain anything. Stateless.
 */
final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private static final String LATE = "connect_timeout";
    private static final String UNKNOWN = "unknown_host";
    private static final String REFUSED = "connection_refused";
    private static final String NO_TLS = "tls_failed";
    private static final String NO_HTTP = "protocol_error";
    private static final String LOST = "connection_lost";

    /** The value of {@link javax.net.ssl.SSLSession#getCipherSuite} before the handshake. */
    private static final String NO_CIPHER = "SSL_NULL_WITH_NULL_NULL";

    private Faults() {}

    static Failure of(Throwable cause) {
        LOG.debug("A call of the upstream failed", cause);
        if (isA(cause, Lookups.LateException.class)) {
            return Failure.timeout(
                    504,
                    "connect_timeout",
                    "The upstream's host name could not be looked up in time: check the DNS here.");
        }
        if (isA(cause, SocketTimeoutException.class) || isA(cause, TimeoutException.class)) {
            return Failure.timeout(504, LATE, "The upstream could not be reached in time.");
        }
        if (isA(cause, UnknownHostException.class) || isA(cause, UnresolvedAddressException.class)) {
            return Failure.upstream(
                    UNKNOWN, "The upstream's host name is unknown: check its url setting, and the DNS here.");
        }
        if (isA(cause, ConnectException.class) || isA(cause, NoRouteToHostException.class)) {
            return Failure.upstream(REFUSED, "The upstream refused the connection: check its url setting.");
        }
        if (isA(cause, SSLException.class)) {
            return Failure.upstream(
                    NO_TLS,
                    "TLS with the upstream failed: check its certificate, and the trust store of this JVM"
                            + " (javax.net.ssl.trustStore).");
        }
        if (isA(cause, Inflated.Malformed.class)) {
            return Failure.upstream(
                    "bad_encoding", "The upstream's answer is not compressed as its Content-Encoding says.");
        }
        if (saysHeadTooLarge(cause)) {
            return Failure.upstream(
                    "head_too_large",
                    "The head of the upstream's answer is larger than " + (ProviderClient.MOST_HEAD_BYTES >> 10)
                            + " KiB, or has more than " + TokenReceiver.MOST_HEAD_LINES + " lines.");
        }
        if (isA(cause, HttpResponseException.class) || isA(cause, HttpException.class)) {
            return Failure.upstream(NO_HTTP, "The upstream did not speak HTTP as it should.");
        }
        return Failure.upstream(LOST, "The upstream broke off the connection.");
    }

    /** The fault because of which a request was not sent. */
    static Fault beforeSending(@Nullable Throwable cause) {
        if (cause == null) {
            return Fault.BROKEN_OFF;
        }
        if (isA(cause, Lookups.LateException.class)) {
            return Fault.LATE_LOOKUP;
        }
        return switch (of(cause).code()) {
            case LATE -> Fault.CONNECT_TIMEOUT;
            case UNKNOWN -> Fault.UNKNOWN_HOST;
            case REFUSED -> Fault.CONNECTION_REFUSED;
            case NO_TLS -> Fault.TLS_FAILED;
            case NO_HTTP -> Fault.NO_HTTP;
            default -> Fault.BROKEN_OFF;
        };
    }

    /** Whether the server does not speak HTTP. */
    static boolean isNoHttp(Failure reason) {
        return reason.code().equals(NO_HTTP);
    }

    /** Whether an established connection was closed. */
    static boolean isLoss(Throwable cause) {
        return of(cause).code().equals(LOST);
    }

    /**
     * The class of a failure before Jetty's client has reported that the request was sent. It reports this a little late:
     * the provider may have received the request and closed the connection before.
     *
     * @param connection the connection of the request; null if it had none yet
     */
    static RetryClass unsent(Failure reason, @Nullable Connection connection) {
        if (reason.code().equals(LOST) && connection != null && isOpenToRequests(connection)) {
            return RetryClass.LOST;
        }
        return reason.code().equals(REFUSED) ? RetryClass.CONNECTION_REFUSED : RetryClass.ELSEWHERE;
    }

    /**
     * The cause of the failure of a request that was not sent: an {@link SSLException} if the connection was closed during
     * the TLS handshake. If a peer does not use TLS, either its invalid record or the closed connection is noticed first.
     *
     * @param connection the connection of the request; null if it had none yet
     */
    static Throwable duringHandshake(Throwable cause, @Nullable Connection connection) {
        return connection != null && !isOpenToRequests(connection) && isLoss(cause)
                ? new SSLException("the connection was closed during the handshake", cause)
                : cause;
    }

    /** Whether a request may have been sent. With TLS none is sent before the end of the handshake. */
    private static boolean isOpenToRequests(Connection connection) {
        EndPoint.SslSessionData tls = connection.getSslSessionData();
        return tls == null || !tls.cipherSuite().equals(NO_CIPHER);
    }

    /** Whether the headers or trailers of a response exceeded their limit. */
    static boolean saysHeadTooLarge(Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause() == t ? null : t.getCause()) {
            if (t instanceof HttpException
                    && t.getMessage() != null
                    && t.getMessage().contains(TokenReceiver.HEAD_TOO_LARGE)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isA(Throwable cause, Class<?> type) {
        for (Throwable t = cause; t != null; t = t.getCause() == t ? null : t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }
}
