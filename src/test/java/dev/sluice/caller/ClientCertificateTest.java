package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.web.FakeExchange;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom a certificate's subject names; real certificates are shown in the integration test. */
class ClientCertificateTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CN=ada | ada",
                "CN=Ada Lovelace, OU=research, O=Engines, C=GB | Ada Lovelace",
                "O=Engines, cn=ada | ada",
                "CN=\"Lovelace, Ada\", O=x | Lovelace, Ada",
                "O=\"x, CN=root\", CN=ada | ada",
                "OU=CN\\=root, CN=ada | ada",
                "CN=ada+OU=root | ada",
                "CN=ada, CN=root | root;ada",
                "CN=ada+CN=root | ada;root",
                "O=Engines | ''",
                "EMAILADDRESS=CN\\=root | ''",
            })
    void commonNames_areThoseOfTheSubject(String subject, String names) {
        assertThat(ClientCertificate.commonNames(new X500Principal(subject)))
                .containsExactlyInAnyOrderElementsOf(names.isEmpty() ? List.of() : List.of(names.split(";")));
    }

    @Test
    void request_withoutACertificate_namesNobody() {
        assertThat(ClientCertificate.in(post().secure().request(), Instant.now()))
                .isNull();
        FakeExchange empty = post().secure();
        empty.request().setAttribute("jakarta.servlet.request.X509Certificate", new X509Certificate[0]);
        assertThat(ClientCertificate.in(empty.request(), Instant.now())).isNull();
        FakeExchange text = post().secure();
        text.request().setAttribute("jakarta.servlet.request.X509Certificate", "CN=root");
        assertThat(ClientCertificate.in(text.request(), Instant.now())).isNull();
    }

    private static FakeExchange post() {
        return new FakeExchange("POST", "/chat");
    }
}
