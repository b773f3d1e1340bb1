package dev.sluice.it;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The first line and the headers of an HTTP/1.1 message.
 *
 * @param startLine the request or status line
 * @param headers by lower-case name, each with its values in order
 */
public record HttpHead(String startLine, Map<String, List<String>> headers) {
    private static final int MAX_BYTES = 1 << 20;

    /** Reads up to the blank line and no byte more. Blocks as {@code in} does. */
    public static HttpHead read(InputStream in) throws IOException {
        String startLine = line(in);
        Map<String, List<String>> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new IOException("Not a header: " + line);
            }
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        return new HttpHead(startLine, headers);
    }

    /** The status code of a response's head. */
    public int status() {
        return Integer.parseInt(startLine.split(" ", 3)[1]);
    }

    /** The first value of a header, whatever the case of its name. */
    public Optional<String> first(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))).map(values -> values.get(0));
    }

    /** All values of a header in order, whatever the case of its name. */
    public List<String> all(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    public boolean isChunked() {
        return first("Transfer-Encoding").map("chunked"::equalsIgnoreCase).orElse(false);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("The peer closed within the head, after: " + line);
            }
            if (line.length() > MAX_BYTES) {
                throw new IOException("Endless head");
            }
            line.append((char) b);
        }
        return line.toString().stripTrailing();
    }
}
