package dev.sluice.caller;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The authority to which a client has sent its request: {@code host} or {@code host:port}, as the client has written it. */
final class Authority {
    private static final Pattern LATER_THAN_HTTP_1 = Pattern.compile("HTTP/[2-9].*");

    private Authority() {}

    /**
     * The {@code Host} header; on HTTP/2 and later also {@code :authority}, as the container reports it. Null if the client has
     * sent none: the container's default then does not come from the client.
     */
    static @Nullable String of(HttpServletRequest request) {
        String host = request.getHeader("Host");
        if (host == null && LATER_THAN_HTTP_1.matcher(request.getProtocol()).matches()) {
            return request.getServerName() + ":" + request.getServerPort();
        }
        return host;
    }
}
