package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import java.io.EOFException;
import java.net.ConnectException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.io.EndPoint.SslSessionData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whether a provider may have worked on a request that failed before it was known to be sent. */
class FaultsTest {
    private static final Failure BROKEN_OFF = Faults.of(new EOFException());

    @Test
    void connection_brokenOffWhileTheRequestWasWritten_mayHaveCarriedIt() {
        assertThat(Faults.unsent(BROKEN_OFF, new Plain())).isEqualTo(RetryClass.LOST);
        assertThat(Faults.unsent(BROKEN_OFF, new Secure("TLS_AES_128_GCM_SHA256")))
                .isEqualTo(RetryClass.LOST);
    }

    @Test
    void connection_brokenOffInItsHandshake_hasCarriedNothing() {
        assertThat(Faults.unsent(BROKEN_OFF, new Secure("SSL_NULL_WITH_NULL_NULL")))
                .isEqualTo(RetryClass.ELSEWHERE);
        Failure untrusted = Faults.of(new SSLHandshakeException("no"));
        assertThat(Faults.unsent(untrusted, new Secure("SSL_NULL_WITH_NULL_NULL")))
                .isEqualTo(RetryClass.ELSEWHERE);
    }

    @Test
    void connection_thatNeverWas_hasCarriedNothing() {
        assertThat(Faults.unsent(BROKEN_OFF, null)).isEqualTo(RetryClass.ELSEWHERE);
        assertThat(Faults.unsent(Faults.of(new ConnectException()), null)).isEqualTo(RetryClass.CONNECTION_REFUSED);
    }

    private static class Plain implements Connection {
        @Override
        public void send(Request request, Response.CompleteListener listener) {
            throw new AssertionError("Nothing is to be sent");
        }

        @Override
        public void close() {}

        @Override
        public boolean isClosed() {
            return true;
        }
    }

    private static final class Secure extends Plain {
        private final SslSessionData tls;

        Secure(String cipherSuite) {
            tls = SslSessionData.from(null, null, cipherSuite, new X509Certificate[0]);
        }

        @Override
        public @Nullable SslSessionData getSslSessionData() {
            return tls;
        }
    }
}
