package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.3, true",
        "10.1.2.3, 10.1.2.4, false",
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/8, ::ffff:10.1.2.3, true",
        "192.168.4.0/22, 192.168.7.255, true",
        "192.168.4.0/22, 192.168.8.0, false",
        "192.168.4.128/25, 192.168.4.127, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "::1, ::1, true",
        "::1, 0:0:0:0:0:0:0:1, true",
        "::1, 127.0.0.1, false",
        "fd00::/8, fdff::1, true",
        "fd00::/8, fe00::1, false",
        "2001:db8:0:fff0::/60, 2001:db8:0:ffff::1, true",
        "2001:db8:0:fff0::/60, 2001:db8:0:ffe0::1, false",
        "::/0, 2001:db8::1, true",
        "::ffff:10.1.2.3, 10.1.2.3, true",
    })
    void network_containsWhatSharesItsPrefix(String network, String address, boolean contained) {
        InetAddress other = Objects.requireNonNull(IpLiteral.parse(address));
        assertThat(Network.parse(network).contains(other))
                .as("%s in %s", address, network)
                .isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "proxy.example",
                "10.0.0",
                "10.0.0.1.2",
                "10.0.0.256",
                "010.0.0.1",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0.0/",
                "10.0.0.0/8/8",
                "10.0.0.1/8",
                "fd00::1/8",
                "::/129",
                "::ffff:10.0.0.0/104",
                "::ffff:10.0.0.0/8",
                "[::1]",
                "::1%lo",
                "127.0.0.1:80",
                "*",
                ".::1",
                "dead.beef::1",
                "1::2::3",
                "/8"
            })
    void network_illFormed_isRefused(String text) {
        assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class);
        Option<?> option = new Option<>("sluice.some", null, "–", Type.NETWORKS, "some", "");
        assertThat(option.fault("127.0.0.1, " + text))
                .as("the fault of a list with it")
                .isNotNull();
    }

    @Test
    void networks_separatedByCommas_areEachTaken() {
        assertThat(Type.NETWORKS.parse().apply("127.0.0.1 ,10.0.0.0/8,::1"))
                .extracting(Network::toString)
                .containsExactly("127.0.0.1/32", "10.0.0.0/8", "0:0:0:0:0:0:0:1/128");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "127.0.0.1, 127.0.0.1",
                "[127.0.0.1], 127.0.0.1",
                "::1, 0:0:0:0:0:0:0:1",
                "[::1], 0:0:0:0:0:0:0:1",
                "fe80::1%eth0, fe80:0:0:0:0:0:0:1",
                "[fe80::1%eth0], fe80:0:0:0:0:0:0:1",
                "::ffff:127.0.0.1, 127.0.0.1",
                "localhost, -",
                "127.1, -",
                "'', -",
                "%lo, -"
            })
    void peer_asContainersWriteIt_isRead(String text, @Nullable String address) {
        InetAddress read = IpLiteral.ofPeer(text);
        assertThat(read == null ? null : read.getHostAddress()).isEqualTo(address);
    }
}
