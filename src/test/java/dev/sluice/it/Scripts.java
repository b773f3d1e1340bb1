package dev.sluice.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import java.util.zip.GZIPOutputStream;

/** Scripts of responses that several tests need. */
public final class Scripts {
    private static final int BATCH = 16;
    private static final String PADDING = "x".repeat(200);

    private Scripts() {}

    /** The text of the token with this number, counted from 0; each text contains the number. */
    public static String numbered(int number) {
        return "token " + number + " ";
    }

    /** The same with a long rest, so that most of the event is text. */
    public static String padded(int number) {
        return numbered(number) + PADDING;
    }

    /** This many numbered tokens at full speed, then a normal end. */
    public static ScriptedUpstream.Script flood(int tokens) {
        return flood(tokens, Scripts::numbered);
    }

    public static ScriptedUpstream.Script flood(int tokens, IntFunction<String> text) {
        return exchange -> {
            exchange.stream();
            StringBuilder batch = new StringBuilder();
            for (int number = 0; number < tokens; number++) {
                batch.append(Completion.token(text.apply(number)));
                if ((number + 1) % BATCH == 0) {
                    exchange.chunk(batch.toString());
                    batch.setLength(0);
                }
            }
            if (batch.length() > 0) {
                exchange.chunk(batch.toString());
            }
            exchange.finish();
        };
    }

    /** Numbered tokens, one in each chunk. The first is sent at once, the others when {@code gate} completes. */
    public static ScriptedUpstream.Script gated(CountDownLatch gate, int tokens) {
        return exchange -> {
            exchange.stream().token(numbered(0));
            gate.await();
            for (int number = 1; number < tokens; number++) {
                exchange.token(numbered(number));
            }
            exchange.finish();
        };
    }

    /** A recorded body; the connection stays open. */
    public static ScriptedUpstream.Script recorded(byte[] body) {
        return exchange -> {
            exchange.stream().chunk(body);
            exchange.end();
        };
    }

    /** The same in chunks of this many bytes. */
    public static ScriptedUpstream.Script recorded(byte[] body, int cut) {
        return exchange -> {
            exchange.stream();
            for (int at = 0; at < body.length; at += cut) {
                exchange.chunk(Arrays.copyOfRange(body, at, Math.min(body.length, at + cut)));
            }
            exchange.end();
        };
    }

    /** A JSON response without streaming. */
    public static ScriptedUpstream.Script answer(int status, String json, String... headers) {
        return exchange -> exchange.answer(status, "application/json", json, headers);
    }

    public static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(utf8(text));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
