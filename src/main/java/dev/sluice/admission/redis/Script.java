package dev.sluice.admission.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/** The scripts, each of which the store runs as one atomic step. Their texts are resources beside this class. */
enum Script {
    JOIN("join"),
    RENEW("node", "renew"),
    LEAVE("node", "leave"),
    TAKE("node", "account", "take"),
    SETTLE("node", "account", "settle"),
    READ("node", "account", "read"),
    RESTORE("node", "account", "restore");

    private final String text;
    private final String hash;

    Script(String... parts) {
        StringBuilder whole = new StringBuilder();
        for (String part : parts) {
            whole.append(resource(part + ".lua"));
        }
        this.text = whole.toString();
        this.hash = sha1(text);
    }

    /** For EVAL. */
    String text() {
        return text;
    }

    /** For EVALSHA. */
    String hash() {
        return hash;
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(Script.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
