package dev.sluice.caller;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a client believes it sent its request: {@code host} or {@code host:port}, as it wrote it. */
final class Authority {
    private static final Pattern LATER_THAN_HTTP_1 = Pattern.compile("HTTP/[2-9].*");

    private Authority() {}

    /**
     * The {@code Host} header; on HTTP/2 and later, where {@code :authority} may stand in for it, what the container
     * made of that. Null if the client named none: what a container then makes up is not the client's word.
     */
    static @Nullable String of(HttpServletRequest request) {
        String host = request.getHeader("Host");
        if (host == null && LATER_THAN_HTTP_1.matcher(request.getProtocol()).matches()) {
            return request.getServerName() + ":" + request.getServerPort();
        }
        return host;
    }
}
