package dev.sluice.caller;

import dev.sluice.chat.Failure;
import dev.sluice.config.KeyHash;
import dev.sluice.config.Settings;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.util.Set;

/**
 * Which strangers may read {@code /metrics}: everyone, or who has its key. That key opens nothing else. It has only the hashes
 * of the keys. Immutable; any thread may call it.
 */
final class MetricsRule {
    private final boolean open;
    private final byte[][] hashes;

    MetricsRule(Settings.Metrics settings) {
        this.open = settings.open();
        this.hashes = settings.keys().stream().map(KeyHash::bytes).toArray(byte[][]::new);
    }

    /** Whether a stranger with this request may read them. The time that this takes does not depend on the keys. */
    boolean letsIn(HttpServletRequest request) {
        Set<String> shown = ShownKeys.of(request);
        if (open || shown.size() != 1) {
            return open;
        }
        byte[] hash = KeyHash.of(shown.iterator().next()).bytes();
        boolean isKey = false;
        for (byte[] each : hashes) {
            isKey |= MessageDigest.isEqual(each, hash);
        }
        return isKey;
    }

    boolean haveKeys() {
        return hashes.length > 0;
    }

    /** What a stranger is told who has none of the keys, where nobody else has any. */
    static Failure objection(HttpServletRequest request) {
        String code = ShownKeys.of(request).isEmpty() ? "missing_access_key" : "invalid_access_key";
        return Failure.invalid(
                401, code, "/metrics needs the key of sluice.metrics.key: send it as Authorization: Bearer ….", null);
    }
}
