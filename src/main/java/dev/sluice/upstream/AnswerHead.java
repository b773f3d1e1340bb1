package dev.sluice.upstream;

import dev.sluice.relay.Head;
import dev.sluice.relay.Head.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;

/** What of an answer's headers passes to the client. */
final class AnswerHead {
    private static final Set<String> PASSED =
            Set.of("x-request-id", "retry-after", "retry-after-ms", "openai-processing-ms");
    private static final String LIMITS = "x-ratelimit-";

    private AnswerHead() {}

    /** Nothing that holds the provider's key passes, whatever it is called. */
    static Head read(Response response, HttpProvider provider) {
        List<Field> fields = new ArrayList<>(provider.head().fields());
        for (HttpField field : response.getHeaders()) {
            String name = field.getLowerCaseName();
            String value = field.getValue();
            if (value != null && passes(name) && !provider.words().isSecretIn(value)) {
                fields.add(new Field(name.toLowerCase(Locale.ROOT), value));
            }
        }
        return new Head(response.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH), fields);
    }

    private static boolean passes(String name) {
        return PASSED.contains(name) || name.startsWith(LIMITS);
    }
}
