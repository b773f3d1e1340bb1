package dev.sluice.upstream.jetty;

import java.nio.ByteBuffer;
import java.util.Locale;
import org.eclipse.jetty.client.transport.internal.HttpChannelOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpReceiverOverHTTP;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * Receives an answer whose tokens come in an HTTP chunk each (RFC 9112, section 7.1). Jetty hands over one for each call
 * from top to bottom, although a read may bring dozens; this hands over the data of all that one read has brought whole
 * in one piece. Whatever is not plain, be it an extension, a trailer or a chunk's half, is left to Jetty's parser.
 *
 * <p>Called as Jetty says: by one thread at a time.
 */
public final class TokenReceiver extends HttpReceiverOverHTTP {
    /** As many hexadecimal digits as a length can have that is shorter than any read. */
    private static final int MOST_DIGITS = 6;

    /** What Jetty's parser says of a head beyond its bound. */
    public static final String HEAD_TOO_LARGE = "Response Header Bytes Too Large";

    /** A line costs more memory than its bytes. */
    public static final int MOST_HEAD_LINES = 1000;

    // What was read of heads and trailers for one call. Guarded by the thread that parses.
    private int headBytes;
    private int headLines;
    private boolean interim; // the latest head: another follows, for the same call

    // What the head says. Set by the thread that parses, before it says that there is content.
    private boolean chunked;
    private boolean sized; // by Content-Length: then there is nothing to be gathered
    private boolean streamed; // its reader never blocks

    TokenReceiver(HttpChannelOverHTTP channel) {
        super(channel);
    }

    @Override
    public void startResponse(HttpVersion version, int status, @Nullable String reason) {
        chunked = false;
        sized = false;
        streamed = false;
        if (!interim) {
            headBytes = 0;
            headLines = 0;
        }
        interim = HttpStatus.isInterim(status);
        count(reason == null ? 0 : reason.length());
        super.startResponse(version, status, reason);
    }

    @Override
    public void parsedHeader(HttpField field) {
        count(field);
        HttpHeader name = field.getHeader();
        if (name == HttpHeader.TRANSFER_ENCODING) {
            chunked |= field.contains(HttpHeaderValue.CHUNKED.asString());
        } else if (name == HttpHeader.CONTENT_LENGTH) {
            sized = true;
        } else if (name == HttpHeader.CONTENT_TYPE) {
            String type = field.getValue();
            streamed = type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
        }
        super.parsedHeader(field);
    }

    @Override
    public void parsedTrailer(HttpField field) {
        count(field);
        super.parsedTrailer(field);
    }

    private void count(HttpField field) {
        String value = field.getValue();
        count(field.getName().length() + (value == null ? 0 : value.length()));
    }

    /** Jetty's parser bounds the bytes of each head; it counts no lines, and begins anew with each interim head. */
    private void count(int bytes) {
        headBytes += bytes;
        headLines++;
        if (headBytes > ProviderClient.MOST_HEAD_BYTES || headLines > MOST_HEAD_LINES) {
            throw new HttpException.RuntimeException(HttpStatus.BAD_GATEWAY_502, HEAD_TOO_LARGE);
        }
    }

    /** Known without asking the reader, for which Jetty goes a long way with each token. Any thread. */
    @Override
    public InvocationType getInvocationType() {
        return streamed ? InvocationType.NON_BLOCKING : super.getInvocationType();
    }

    @Override
    public boolean content(ByteBuffer chunk) {
        ByteBuffer read = getResponseBuffer();
        if (!chunked || sized || read == null || !read.hasRemaining()) {
            return super.content(chunk);
        }
        int begin = read.position() - chunk.remaining();
        int end = gather(read);
        return super.content(read.slice(begin, end - begin));
    }

    /** Does not borrow a buffer to find nothing in a socket that is known to be empty. */
    @Override
    public Content.@Nullable Chunk read(boolean fillInterestIfNeeded) {
        if (fillInterestIfNeeded && getResponseBuffer() == null && isKnownToBeEmpty()) {
            fillInterested();
            return null;
        }
        return super.read(fillInterestIfNeeded);
    }

    private boolean isKnownToBeEmpty() {
        var connection = getHttpChannel().getHttpConnection();
        return !connection.isClosed() && connection.getEndPoint() instanceof TokenEndPoint socket && socket.isEmpty();
    }

    /**
     * Moves the data of the chunks that follow up to where the position is, which is behind the data of one, and the
     * position to behind the data of the last.
     *
     * @return where the data ends now
     */
    static int gather(ByteBuffer read) {
        int end = read.position();
        int at = end;
        while (true) {
            int digits = behindLineBreak(read, at);
            int line = digits;
            int length = 0;
            while (line >= 0 && line < read.limit() && line - digits < MOST_DIGITS && hex(read, line) >= 0) {
                length = length << 4 | hex(read, line++);
            }
            int data = behindLineBreak(read, line);
            if (length == 0 || data < 0 || read.limit() - data < length) {
                read.position(at);
                return end;
            }
            read.put(end, read, data, length);
            end += length;
            at = data + length;
        }
    }

    private static int hex(ByteBuffer read, int at) {
        return Character.digit(read.get(at), 16);
    }

    /** Behind the CRLF that stands there; negative if none does, or {@code at} is. */
    private static int behindLineBreak(ByteBuffer read, int at) {
        return at >= 0 && read.limit() - at >= 2 && read.get(at) == '\r' && read.get(at + 1) == '\n' ? at + 2 : -1;
    }
}
