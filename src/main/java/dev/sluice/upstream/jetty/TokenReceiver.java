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
 * Receives responses in which each token is an HTTP chunk (RFC 9112, section 7.1). Jetty passes each chunk through all its
 * layers separately, although one read may contain dozens. This joins the data of all complete chunks of one read. Chunks
 * with extensions, incomplete chunks and trailers are left to Jetty's parser.
 *
 * <p>It also limits the size of all headers together. As Jetty says, one thread at a time calls it.
 */
public final class TokenReceiver extends HttpReceiverOverHTTP {
    /** The most hexadecimal digits of a chunk's length; a longer chunk does not fit a read. */
    private static final int MOST_DIGITS = 6;

    /** The message of the exception for headers beyond the limit, the same as that of Jetty's parser. */
    public static final String HEAD_TOO_LARGE = "Response Header Bytes Too Large";

    /** The most lines of a response's headers, because a line needs more memory than its bytes. */
    public static final int MOST_HEAD_LINES = 1000;

    // The headers and trailers of one call so far. Guarded by the thread that parses.
    private int headBytes;
    private int headLines;
    private boolean interim; // whether the last head was an interim one, after which another one follows

    // Facts of the head. Set by the thread that parses, before it announces the content.
    private boolean chunked;
    private boolean sized; // by Content-Length, so that there are no chunks
    private boolean streamed; // an event stream, whose reader never blocks

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

    /** Limits the sum of all heads. Jetty's parser limits the bytes of each head, and not the lines. */
    private void count(int bytes) {
        headBytes += bytes;
        headLines++;
        if (headBytes > ProviderClient.MOST_HEAD_BYTES || headLines > MOST_HEAD_LINES) {
            throw new HttpException.RuntimeException(HttpStatus.BAD_GATEWAY_502, HEAD_TOO_LARGE);
        }
    }

    /** Avoids the call of the reader, which passes many of Jetty's layers for each token. Any thread may call it. */
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
        int end = join(read);
        return super.content(read.slice(begin, end - begin));
    }

    /** Takes no buffer from the pool if the socket is known to have no data. */
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
     * Joins the data of the complete chunks that follow with that of a first chunk. The position is at the end of the first
     * chunk's data; afterwards it is at the end of the last chunk's data in the original buffer.
     *
     * @return the index of the end of the joined data
     */
    static int join(ByteBuffer read) {
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

    /** The index behind the CRLF at this index; -1 if there is none, or if {@code at} is negative. */
    private static int behindLineBreak(ByteBuffer read, int at) {
        return at >= 0 && read.limit() - at >= 2 && read.get(at) == '\r' && read.get(at + 1) == '\n' ? at + 2 : -1;
    }
}
