package dev.sluice.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The ids by which a request is found in logs. What a client sends is used only if it is well-formed and was sent once.
 * Stateless.
 */
final class RequestIds {
    /** The header of the request and of its answer. */
    private static final String HEADER = "x-request-id";

    private static final Pattern ID = Pattern.compile("[!-~]{1,128}");

    /** W3C Trace Context, section 3.2: version, trace, parent and flags. Versions after the first may add more. */
    private static final Pattern TRACEPARENT =
            Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?");

    private static final Pattern ZEROS = Pattern.compile("0+");

    private RequestIds() {}

    /**
     * The id of the request, which becomes a header of the response: the one that a filter of the host application has put
     * there, or else that of the client, or else a new one. Called by the thread of the request's dispatch.
     */
    static String give(HttpServletRequest request, HttpServletResponse response) {
        String hosts = response.getHeader(HEADER);
        if (hosts != null && ID.matcher(hosts).matches()) {
            return hosts;
        }
        String clients = onlyLine(request, HEADER);
        String id = clients != null && ID.matcher(clients).matches() ? clients : newId();
        response.setHeader(HEADER, id);
        return id;
    }

    /** The id of the trace that the request belongs to: 32 hexadecimal digits. Null for none. */
    static @Nullable String traceOf(HttpServletRequest request) {
        String line = onlyLine(request, "traceparent");
        if (line == null) {
            return null;
        }
        Matcher told = TRACEPARENT.matcher(line.strip());
        if (!told.matches() || isZero(told.group(2)) || isZero(told.group(3))) {
            return null;
        }
        boolean isKnown = told.group(1).equals("00")
                ? told.group(4) == null
                : !told.group(1).equals("ff");
        return isKnown ? told.group(2) : null;
    }

    private static boolean isZero(String digits) {
        return ZEROS.matcher(digits).matches();
    }

    private static @Nullable String onlyLine(HttpServletRequest request, String name) {
        Enumeration<String> lines = request.getHeaders(name);
        String first = lines != null && lines.hasMoreElements() ? lines.nextElement() : null;
        return first == null || lines.hasMoreElements() ? null : first;
    }

    /** It only has to differ from others, hence no {@code SecureRandom}. */
    private static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }
}
