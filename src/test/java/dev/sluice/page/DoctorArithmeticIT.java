package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import dev.sluice.it.LogsOnFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The doctor's arithmetic on recordings of streams that never were, with delays at random. */
@ExtendWith(LogsOnFailure.class)
final class DoctorArithmeticIT extends BrowserTest {
    private static final int SEEDS = 60;

    @Test
    @SuppressWarnings("unchecked") // what the script says that it answers
    void recordings_ofAllKinds_areJudgedRightly() throws IOException {
        String script = script();
        try (Container container = Container.Kind.JETTY.start(Launch.plain());
                Visit visit = browser.visit(container.base())) {
            visit.open("/");
            for (int seed = 1; seed <= SEEDS; seed++) {
                Object answer = visit.page().evaluate(script, Map.of("seed", seed, "base", container.base() + "/"));
                List<Map<String, Object>> cases = (List<Map<String, Object>>) answer;
                assertThat(cases).hasSizeGreaterThan(40);
                for (Map<String, Object> one : cases) {
                    assertThat(one.get("got"))
                            .as("%s, seed %d: %s", one.get("name"), seed, one.get("numbers"))
                            .isEqualTo(one.get("expected"));
                }
            }
        }
    }

    /** The function alone: a comment or a semicolon around it would make it something else to the browser's driver. */
    private static String script() throws IOException {
        try (InputStream file = DoctorArithmeticIT.class.getResourceAsStream("/page/doctor-cases.js")) {
            String all = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            return all.substring(all.indexOf("async ("), all.lastIndexOf(';'));
        }
    }
}
