package dev.sluice.dialect.openai;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A random chunk such as no provider has sent yet, but one might: well-formed, with fields in any order, any white
 * space, and many special cases.
 */
public final class AnyEvent {
    private static final String[] NAMES = {
        "id", "created", "obfuscation", "", "é", "usages", "us\\u0061ge", "err\\u006fr", "\\\"", "Error", "text"
    };
    private static final String[] PIECES = {
        "a",
        "é",
        "😀",
        " ",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "'",
        "usage",
        "error",
        "null",
        "\\\"usage\\\":{}",
        "\\\\",
        "\\\"",
        "\\n",
        "\\u0022",
        "\\ud83d",
        "\\/",
        "\u007f"
    };
    private static final String[] PLAIN = {
        "null", "true", "false", "0", "-1", "1.5e-3", "[]", "{}", "\"\"", "12345678901"
    };

    private final Random random;

    /** The caller sets the seed, so that a failure can be reproduced. */
    public AnyEvent(Random random) {
        this.random = random;
    }

    /** The next chunk. */
    public String json() {
        List<String> members = strangers("choices");
        add(members, 95, "choices", list(oneIn(10) ? random.nextInt(3) : 1));
        add(members, 50, "object", oneIn(10) ? "\"error\"" : "\"chat.completion.chunk\"");
        add(members, 30, "usage", oneIn(5) ? value(3) : "null");
        add(members, 10, "error", oneIn(3) ? value(3) : "null");
        add(members, 5, "x_groq", oneIn(2) ? "{\"usage\":{}}" : "null");
        add(members, 5, oneIn(2) ? "message" : "code", value(3));
        return blank() + object(members) + blank();
    }

    private String list(int choices) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < choices; i++) {
            all.add(oneIn(50) ? value(2) : choice());
        }
        return "[" + blank() + String.join(blank() + "," + blank(), all) + blank() + "]";
    }

    private String choice() {
        List<String> members = strangers("delta");
        add(members, 97, "delta", oneIn(30) ? value(1) : delta());
        add(members, 80, "index", oneIn(10) ? pick("1", "null", "\"0\"", "0.0", "-0", "10") : "0");
        add(members, 80, "finish_reason", oneIn(10) ? pick("\"stop\"", "\"\"", "\"error\"", "[1]") : "null");
        add(members, 5, "usage", oneIn(2) ? "{\"total_tokens\":1}" : "null");
        add(members, 5, "error", oneIn(2) ? value(1) : "null");
        return object(members);
    }

    private String delta() {
        List<String> members = strangers("content");
        add(members, 30, "role", "\"assistant\"");
        add(members, 50, "content", oneIn(20) ? value(2) : text());
        add(members, 10, "refusal", text());
        add(members, 10, "reasoning", text());
        add(members, 10, "reasoning_content", text());
        add(members, 10, "tool_calls", pick("null", "[]", "[{\"index\":0}]", "[" + value(2) + "]"));
        add(members, 5, "function_call", pick("null", "{}", "{\"name\":\"f\"}"));
        add(members, 5, "audio", pick("null", "{}", "{\"data\":\"a\"}"));
        return object(members);
    }

    /** Fields that are not relevant, and sometimes the wanted one a second time. */
    private List<String> strangers(String wanted) {
        List<String> members = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String name = oneIn(4) ? name() : "\"" + NAMES[random.nextInt(NAMES.length)] + "\"";
            members.add(name + blank() + ":" + blank() + value(0));
        }
        add(members, 1, wanted, value(0));
        return members;
    }

    private void add(List<String> members, int percent, String name, String value) {
        if (random.nextInt(100) < percent) {
            members.add("\"" + name + "\"" + blank() + ":" + blank() + value);
        }
    }

    private String object(List<String> members) {
        Collections.shuffle(members, random);
        return "{" + blank() + String.join(blank() + "," + blank(), members) + blank() + "}";
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 4 ? 2 : 4)) {
            case 0 -> PLAIN[random.nextInt(PLAIN.length)];
            case 1 -> string();
            case 2 -> "[" + blank() + value(depth + 1) + "," + value(depth + 1) + blank() + "]";
            default ->
                object(new ArrayList<>(List.of(
                        pick("\"usage\"", "\"error\"", "\"choices\"", "\"text\"", name()) + ":" + value(depth + 1),
                        name() + blank() + ":" + value(depth + 1))));
        };
    }

    /** A random name. Jackson accepts an unpaired surrogate in a value, but not in a name. */
    private String name() {
        return string().replace("\\ud83d", "-");
    }

    private String text() {
        return oneIn(4) ? pick("null", "\"\"") : string();
    }

    private String string() {
        StringBuilder string = new StringBuilder("\"");
        for (int i = random.nextInt(5); i > 0; i--) {
            string.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return string.append('"').toString();
    }

    private String blank() {
        return oneIn(6) ? pick(" ", "\n", "\t\r\n", "  ") : "";
    }

    private String pick(String... some) {
        return some[random.nextInt(some.length)];
    }

    private boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }
}
