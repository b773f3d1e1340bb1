package dev.sluice.servlet;

import dev.sluice.chat.InvalidRequestException;
import java.nio.charset.Charset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Parses {@code application/x-www-form-urlencoded} bodies (WHATWG URL, section 5.1); ill-formed ones are refused. */
final class FormBody {
    private FormBody() {}

    /**
     * The fields of the body that have one of these names.
     *
     * @param charset the charset of the percent-encoded names and values
     * @throws InvalidRequestException if the body is ill-formed, or has one of the names twice
     */
    static Map<String, String> read(byte[] body, Charset charset, Collection<String> names)
            throws InvalidRequestException {
        Map<String, String> fields = new HashMap<>();
        int start = 0;
        while (start < body.length) {
            int end = indexOf('&', body, start, body.length);
            int equals = indexOf('=', body, start, end);
            String name = decode(body, start, equals, charset);
            String value = decode(body, Math.min(equals + 1, end), end, charset);
            if (names.contains(name) && fields.put(name, value) != null) {
                throw InvalidRequestException.badField(
                        "duplicate_field", name, "\"" + name + "\" is there more than once.");
            }
            start = end + 1;
        }
        return fields;
    }

    /** The index of the byte; {@code end} if it does not occur. */
    private static int indexOf(char sought, byte[] body, int start, int end) {
        int i = start;
        while (i < end && body[i] != sought) {
            i++;
        }
        return i;
    }

    private static String decode(byte[] body, int start, int end, Charset charset) throws InvalidRequestException {
        byte[] decoded = new byte[end - start];
        int length = 0;
        for (int i = start; i < end; i++) {
            byte b = body[i];
            if (b == '+') {
                b = ' ';
            } else if (b == '%') {
                int high = i + 2 < end ? Character.digit(body[i + 1], 16) : -1;
                int low = i + 2 < end ? Character.digit(body[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw InvalidRequestException.badRequest(
                            "malformed_form",
                            "The form is ill-formed: a % at byte " + i + " is not followed by two hexadecimal digits.");
                }
                b = (byte) (high << 4 | low);
                i += 2;
            }
            decoded[length++] = b;
        }
        return ChatRequestReader.decode(decoded, length, charset);
    }
}
