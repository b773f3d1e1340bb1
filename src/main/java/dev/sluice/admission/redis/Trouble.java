package dev.sluice.admission.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words why the store does not work. What the store says is not shown whole, for it may repeat what it was sent. */
final class Trouble {
    private static final int LONGEST = 120;

    /** Behind it, a server repeats the arguments of a command that it does not know: those of AUTH are the password. */
    private static final String REPETITION = "(?i),? with args";

    private Trouble() {}

    /** A sentence without its end, about the store. */
    static String of(Throwable failure) {
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 20; cause = cause.getCause()) {
            String known = known(cause);
            if (known != null) {
                return known;
            }
            depth++;
        }
        return "its connection failed (" + failure.getClass().getSimpleName() + ")";
    }

    private static @Nullable String known(Throwable cause) {
        if (cause instanceof RedisCommandExecutionException refused) {
            return refusal(String.valueOf(refused.getMessage()));
        }
        if (cause instanceof UnknownHostException) {
            return "its host name is unknown";
        }
        if (cause instanceof ConnectTimeoutException || cause instanceof RedisCommandTimeoutException) {
            return "it does not take the connection in time";
        }
        if (cause instanceof ConnectException) {
            return "it refuses connections";
        }
        if (cause instanceof SSLException) {
            return "TLS failed (" + bounded(String.valueOf(cause.getMessage())) + ")";
        }
        return String.valueOf(cause.getMessage()).contains("closed prematurely")
                ? "it has closed the connection"
                : null;
    }

    private static String refusal(String message) {
        // Redis 6 puts the error of a command within a script behind words of its own.
        for (String word : message.split("[ :]+", -1)) {
            String meaning =
                    switch (word.replaceFirst("^-", "")) {
                        case "NOAUTH" -> "it asks for a password, which belongs into sluice.shared.url";
                        case "WRONGPASS" -> "it refuses the user or the password in sluice.shared.url";
                        case "NOPERM" -> "the user in sluice.shared.url may not run what Sluice needs";
                        case "OOM" -> "it has no memory left (maxmemory)";
                        case "READONLY" -> "it is a replica, which cannot be written";
                        case "LOADING" -> "it is still loading its data";
                        case "MISCONF" -> "it takes no data, because it cannot save them";
                        case "MASTERDOWN", "NOREPLICAS" -> "it misses the other servers that it needs";
                        case "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN" ->
                            "it is a part of a cluster that does not have Sluice's keys";
                        case "BUSY" -> "a script of somebody else keeps it busy";
                        default -> null;
                    };
            if (meaning != null) {
                return meaning;
            }
        }
        return "it answers with an error (" + bounded(message.split(REPETITION, 2)[0]) + ")";
    }

    private static String bounded(String text) {
        String line = text.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", " ");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
