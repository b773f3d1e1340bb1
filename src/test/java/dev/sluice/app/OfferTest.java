package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ModelList.Answer;
import dev.sluice.dialect.ModelList.Finding;
import dev.sluice.dialect.ModelList.Model;
import dev.sluice.servlet.ModelDirectory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The offered models if only aliases are known. {@code ModelsIT} tests the list of an upstream. */
class OfferTest {
    private final Offer all = new Offer(
            List.of(
                    Model.alias("fast", Instant.ofEpochSecond(1_700_000_000)),
                    Model.alias("smart", Instant.ofEpochSecond(1_700_000_000))),
            null);
    private final ModelDirectory offer = all.of(model -> true);

    @Test
    void list_isTheOperatorsNames() {
        List<Answer> told = new ArrayList<>();
        offer.list(told::add);
        assertThat(told).singleElement().isInstanceOfSatisfying(ModelList.Models.class, models -> assertThat(
                        models.list().models().stream().map(Model::id))
                .containsExactly("fast", "smart"));
    }

    @Test
    void find_aNameOfTheOperators_tellsIt() {
        List<Finding> told = new ArrayList<>();
        offer.find("smart", told::add);
        assertThat(told).singleElement().isInstanceOfSatisfying(ModelList.Found.class, found -> assertThat(
                        found.model().id())
                .isEqualTo("smart"));
    }

    @Test
    void find_anyOtherName_is404ThatListsThem() {
        List<Finding> told = new ArrayList<>();
        offer.find("grok-9", told::add);
        assertThat(told).singleElement().isInstanceOfSatisfying(ModelList.Failed.class, failed -> {
            assertThat(failed.failure().status()).isEqualTo(404);
            assertThat(failed.failure().message()).contains("grok-9", "fast, smart");
        });
    }

    @Test
    void model_thatMayNotBeUsed_isToldNowhere() {
        ModelDirectory some = all.of("fast"::equals);
        List<Answer> listed = new ArrayList<>();
        some.list(listed::add);
        assertThat(listed).singleElement().isInstanceOfSatisfying(ModelList.Models.class, models -> assertThat(
                        models.list().models().stream().map(Model::id))
                .containsExactly("fast"));
        List<Finding> told = new ArrayList<>();
        some.find("smart", told::add);
        some.find("other", told::add);
        assertThat(told).hasSize(2).allSatisfy(finding -> assertThat(finding)
                .isInstanceOfSatisfying(ModelList.Failed.class, failed -> {
                    assertThat(failed.failure().status()).isEqualTo(404);
                    assertThat(failed.failure().message()).endsWith(" There is fast.");
                }));
    }
}
