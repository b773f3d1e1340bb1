package dev.sluice.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.chat.InvalidRequestException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryStringTest {
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "&", "&&&"})
    void query_withNothingInIt_hasNoParameters(@Nullable String query) throws Exception {
        assertThat(QueryString.parameters(query)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "a=1, a, 1",
        "&a=1&, a, 1",
        "a=%31, a, 1",
        "%61=1, a, 1",
        "a=b=c, a, b=c",
        "a=x+y, a, x y",
        "a=, a, ''",
        "a, a, ''",
        "=1, '', 1",
        "a=%C3%BC, a, ü",
        "a=%FF, a, \uFFFD",
    })
    void parameter_isTakenOffItsCode(String query, String name, String value) throws Exception {
        assertThat(QueryString.parameters(query)).containsOnlyKeys(name);
        assertThat(QueryString.parameters(query).get(name)).containsExactly(value);
    }

    @Test
    void values_ofOneName_areAllThereInTheirOrder() throws Exception {
        assertThat(QueryString.parameters("b=2&a=1&b=3&b")).containsOnlyKeys("b", "a");
        assertThat(QueryString.parameters("b=2&a=1&b=3&b").get("b")).containsExactly("2", "3", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%zz", "a=%", "a=%4", "%-1=2", "a=1&%"})
    void query_illFormed_isRefused(String query) {
        InvalidRequestException refused =
                catchThrowableOfType(InvalidRequestException.class, () -> QueryString.parameters(query));
        assertThat(refused).as("refusal of " + query).isNotNull();
        assertThat(refused.failure().status()).isEqualTo(400);
        assertThat(refused.failure().code()).isEqualTo("malformed_query");
    }
}
