package dev.sluice.dialect.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.anthropic.DeltaGlance.Piece;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** A glance says no more of any event than a parser does, and it is enough for those that providers send. */
class DeltaGlanceTest {
    private static final int RUNS = 100_000;
    private static final String[] NAMES = {
        "type", "index", "delta", "text", "thinking", "signature", "content_block", "usage", "message", "te\\u0078t", ""
    };
    private static final String[] VALUES = {
        "null",
        "true",
        "0",
        "-1.5e3",
        "\"\"",
        "\"a\"",
        "\"é\\n\\\"\"",
        "[]",
        "[{\"text\":\"b\"}]",
        "{\"text\":\"c\"}",
        "{}"
    };

    private final DeltaGlance glance = new DeltaGlance();

    @Test
    void glance_atRandomEvents_agreesWithTheReader() {
        int seen = 0;
        for (int seed = 0; seed < RUNS; seed++) {
            byte[] event = object(new Random(seed), 0).getBytes(UTF_8);
            Piece piece = glance.at(event, 0, event.length);
            if (piece == Piece.UNKNOWN) {
                continue;
            }
            seen++;
            EventReader reader = new EventReader();
            assertThat(reader.read(event, 0, event.length)).as("seed %d", seed).isTrue();
            String quoted =
                    "\"" + new String(event, glance.textOffset(), glance.textEnd() - glance.textOffset(), UTF_8) + "\"";
            String text = JsonMapper.shared().readTree(quoted).stringValue();
            assertThat(reader.text()).as("seed %d", seed).isEqualTo(piece == Piece.TEXT ? text : "");
            assertThat(reader.thinking()).as("seed %d", seed).isEqualTo(piece == Piece.THINKING ? text : "");
            assertThat(reader.usage().counts()).as("seed %d", seed).isNull();
        }
        assertThat(seen).isGreaterThan(1_000);
    }

    private static String object(Random random, int depth) {
        List<String> members = new ArrayList<>();
        if (depth == 0 && random.nextInt(10) > 0) {
            members.add("\"delta\":" + object(random, 1));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            String value = random.nextInt(6) == 0 && depth < 3
                    ? object(random, depth + 1)
                    : VALUES[random.nextInt(VALUES.length)];
            members.add("\"" + NAMES[random.nextInt(NAMES.length)] + "\":" + value);
        }
        Collections.shuffle(members, random);
        return "{" + String.join(random.nextInt(9) == 0 ? " ,\n" : ",", members) + " ".repeat(random.nextInt(3))
                + (random.nextInt(50) == 0 ? "" : "}");
    }
}
