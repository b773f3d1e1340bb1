package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.content.ByteBufferContentSource;
import org.jspecify.annotations.Nullable;

/**
 * The content coding of a response (RFC 9110, section 8.4). Some providers, or proxies in front of them, compress although
 * the request says {@code Accept-Encoding: identity}. Immutable.
 *
 * @param name the value of {@code Content-Encoding}, in lower case; it may name several codings
 */
record ContentCoding(String name) {
    /** The coding of a response; null if it is not compressed. */
    static @Nullable ContentCoding of(HttpFields head) {
        List<String> codings = head.getCSV(HttpHeader.CONTENT_ENCODING, false).stream()
                .map(coding -> coding.strip().toLowerCase(Locale.ROOT))
                .filter(coding -> !coding.isEmpty() && !coding.equals("identity"))
                .toList();
        return codings.isEmpty() ? null : new ContentCoding(String.join(", ", codings));
    }

    /** The decompressed content; null if this coding is not supported. */
    @Nullable
    Inflated inflate(Content.Source source) {
        return switch (name) {
            case "gzip", "x-gzip" -> new Inflated(source, true);
            case "deflate" -> new Inflated(source, false);
            default -> null;
        };
    }

    /** The decompressed body, cut at the first piece that reaches beyond {@code most} bytes. */
    byte[] inflate(byte[] body, int most) throws IOException {
        Inflated source = inflate(new ByteBufferContentSource(ByteBuffer.wrap(body)));
        if (source == null) {
            throw new Inflated.Malformed("not understood", null);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (bytes.size() <= most) {
            Content.Chunk chunk = source.read();
            if (chunk == null || Content.Chunk.isFailure(chunk)) {
                source.close();
                throw new Inflated.Malformed("malformed", chunk == null ? null : chunk.getFailure());
            }
            byte[] piece = new byte[chunk.remaining()];
            chunk.getByteBuffer().get(piece);
            bytes.writeBytes(piece);
            if (chunk.isLast()) {
                break;
            }
        }
        source.close();
        return bytes.toByteArray();
    }

    Failure unreadable() {
        return Failure.upstream(
                "upstream_encoding",
                "The upstream's answer is compressed with "
                        + (name.matches("[a-z0-9, -]{1,40}") ? name : "something unknown")
                        + ", which was not asked for and is not read here.");
    }
}
