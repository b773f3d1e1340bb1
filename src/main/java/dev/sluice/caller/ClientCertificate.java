package dev.sluice.caller;

import dev.sluice.caller.Asking.Known;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import jakarta.servlet.http.HttpServletRequest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** The certificate that a client has shown. The container has verified it, by the trust store that it was given. */
final class ClientCertificate {
    private static final String ATTRIBUTE = "jakarta.servlet.request.X509Certificate";

    private ClientCertificate() {}

    /**
     * Who has it.
     *
     * @return null if the client has shown none, or does not speak TLS
     */
    static @Nullable Asking in(HttpServletRequest wrapped, Instant now) {
        HttpServletRequest request = Peer.bare(wrapped); // the container's word, and no filter's
        if (!request.isSecure()
                || !(request.getAttribute(ATTRIBUTE) instanceof X509Certificate[] chain)
                || chain.length == 0) {
            return null;
        }
        if (now.isAfter(chain[0].getNotAfter().toInstant())) { // while the connection stayed open
            return Asking.stranger(401, "expired_certificate", "The client certificate has expired.");
        }
        List<String> names = commonNames(chain[0].getSubjectX500Principal());
        return names.size() == 1 && !names.get(0).isBlank()
                ? new Known(new Caller(names.get(0), Basis.CERTIFICATE, Set.of()))
                : Asking.stranger(
                        401,
                        "unnamed_certificate",
                        "The subject of the client certificate must have one common name (CN), and has none or several.");
    }

    static List<String> commonNames(X500Principal subject) {
        List<String> names = new ArrayList<>();
        try {
            for (Rdn rdn : new LdapName(subject.getName()).getRdns()) {
                Attribute name = rdn.toAttributes().get("CN");
                for (int i = 0; name != null && i < name.size(); i++) {
                    names.add(name.get(i) instanceof String text ? text : "");
                }
            }
            return names;
        } catch (NamingException illFormed) {
            return List.of();
        }
    }
}
