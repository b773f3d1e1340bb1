package dev.sluice.admission.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TroubleTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NOAUTH Authentication required. | it asks for a password",
                "WRONGPASS invalid username-password pair or user is disabled. | it refuses the user or the password",
                "NOPERM User x has no permissions to run the 'evalsha' command | may not run",
                "OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:12. | no memory left",
                "READONLY You can't write against a read only replica. | it is a replica",
                // As Redis 6 puts it.
                "ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can't | it is a replica",
                "LOADING Redis is loading the dataset in memory | it is still loading",
                "MISCONF Redis is configured to save RDB snapshots | it cannot save them",
                "MOVED 3999 127.0.0.1:6381 | a part of a cluster",
                "BUSY Redis is busy running a script. | keeps it busy",
                "ERR DB index is out of range | it answers with an error (ERR DB index is out of range)",
            })
    void error_ofTheStore_isSaidInWords(String message, String words) {
        assertThat(Trouble.of(new RedisConnectionException("x", new RedisCommandExecutionException(message))))
                .contains(words);
    }

    @Test
    void fault_ofTheConnection_isSaidInWords() {
        assertThat(said(new ConnectException("Connection refused"))).isEqualTo("it refuses connections");
        assertThat(said(new UnknownHostException("cache"))).isEqualTo("its host name is unknown");
        assertThat(said(new SSLHandshakeException("No name matching cache found")))
                .isEqualTo("TLS failed (No name matching cache found)");
        assertThat(said(new IllegalStateException())).isEqualTo("its connection failed (RedisConnectionException)");
    }

    @Test
    void error_thatRepeatsWhatWasSent_isCutAndOnOneLine() {
        String words = Trouble.of(new RedisCommandExecutionException("ERR unknown\ncommand " + "x".repeat(1000)));
        assertThat(words).hasSizeLessThan(170).doesNotContain("\n");
    }

    /** As a server does that does not know AUTH. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ERR unknown command 'AUTH', with args beginning with: 'sesame' ",
                "ERR unknown command `AUTH`, with args beginning with: `sesame`, ",
                "ERR Unknown command AUTH with args sesame",
            })
    void error_thatRepeatsAPassword_isCutBeforeIt(String message) {
        assertThat(Trouble.of(new RedisCommandExecutionException(message)))
                .containsIgnoringCase("unknown command")
                .doesNotContain("sesame");
    }

    private static String said(Throwable cause) {
        return Trouble.of(new RedisConnectionException("Unable to connect", cause));
    }
}
