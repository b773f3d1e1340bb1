package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SecretTest {
    @Test
    void matches_onlyTheWholeKey_isTrue() {
        Secret secret = new Secret("kéy-1");
        assertThat(secret.matches("kéy-1")).as("the key itself").isTrue();
        assertThat(List.of("", "k", "kéy-", "kéy-11", "Kéy-1", "key-1"))
                .as("anything else, a prefix too")
                .noneMatch(secret::matches);
        assertThat(secret.reveal()).isEqualTo("kéy-1");
    }

    @Test
    void equals_holdsForTheSameKeyOnly() {
        assertThat(new Secret("key-1")).isEqualTo(new Secret("key-1")).hasSameHashCodeAs(new Secret("key-1"));
        assertThat(new Secret("key-1")).isNotEqualTo(new Secret("key-2")).isNotEqualTo("key-1");
    }

    @Test
    void toString_ofTheSettingsAround_showsNeitherKeyNorPrompt() {
        Settings.Access access = new Settings.Access(List.of(new Secret("hidden")), false, List.of(), List.of());
        Settings.Chat chat = new Settings.Chat("some-model", 5, "max_tokens", "hidden");
        assertThat(access + " " + chat).doesNotContain("hidden").contains("****", "some-model");
    }
}
