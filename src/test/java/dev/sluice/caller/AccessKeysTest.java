package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.caller.AccessKeys.Owner;
import dev.sluice.config.Secret;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessKeysTest {
    @Test
    void key_namesItsCallerByItsHash_whereverItStandsInTheList() {
        Owner caller = new Owner(new Caller("key-41ef4bb0", Basis.ACCESS_KEY, Set.of()), null);
        assertThat(keys("open sesame", "another").ownerOf("open sesame")).isEqualTo(caller);
        assertThat(keys("another", "open sesame").ownerOf("open sesame")).isEqualTo(caller);
        assertThat(keys("another", "open sesame").ownerOf("another")).isNotEqualTo(caller);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "open", "open sesame ", "Open sesame", "key-41ef4bb0"})
    void text_thatIsNoKey_isNobodys(String candidate) {
        assertThat(keys("open sesame", "another").ownerOf(candidate)).isNull();
    }

    private static AccessKeys keys(String... keys) {
        return new AccessKeys(Stream.of(keys).map(Secret::new).toList());
    }

    @Test
    void list_withoutKeys_isEmpty() {
        assertThat(new AccessKeys(List.of()).isEmpty()).isTrue();
        assertThat(keys("a").isEmpty()).isFalse();
    }
}
