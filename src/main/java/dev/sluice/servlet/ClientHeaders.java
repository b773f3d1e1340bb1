package dev.sluice.servlet;

import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.Passed;
import dev.sluice.relay.Head.Field;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What goes on to the provider of a client's request beside its body. */
final class ClientHeaders {
    /** A parameter that needs no decoding, so that its name and value are what all parsers read. */
    private static final Pattern PLAIN = Pattern.compile("([A-Za-z0-9_.~-]{1,100})=[A-Za-z0-9_.~-]{0,100}");

    private ClientHeaders() {}

    static Passed passed(HttpServletRequest request, Dialect dialect) {
        List<Field> fields = new ArrayList<>(0);
        for (String name : dialect.headers().toUpstream()) {
            for (String value : Collections.list(request.getHeaders(name))) {
                fields.add(new Field(name, value));
            }
        }
        for (Field otherwise : dialect.headersOtherwise()) {
            if (fields.stream().noneMatch(field -> field.name().equalsIgnoreCase(otherwise.name()))) {
                fields.add(otherwise);
            }
        }
        Set<String> parameters = dialect.parameters();
        return new Passed(fields, parameters.isEmpty() ? "" : query(request.getQueryString(), parameters));
    }

    /** The parameters of these names, as they were sent. */
    static String query(@Nullable String sent, Set<String> names) {
        if (sent == null) {
            return "";
        }
        String passed = Stream.of(sent.split("&"))
                .filter(part -> {
                    var plain = PLAIN.matcher(part);
                    return plain.matches() && names.contains(plain.group(1));
                })
                .collect(Collectors.joining("&"));
        return passed.isEmpty() ? "" : "?" + passed;
    }
}
