package dev.sluice.upstream;

import dev.sluice.dialect.PassedHeaders;
import dev.sluice.relay.Head;
import dev.sluice.relay.Head.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;

/** Selects the headers of a provider's response that pass to the client. Stateless. */
final class AnswerHead {
    private AnswerHead() {}

    /** Reads the head of a response. A header whose value contains the provider's key never passes. */
    static Head read(Response response, HttpProvider provider, PassedHeaders passed) {
        List<Field> fields = new ArrayList<>(provider.head().fields());
        for (HttpField field : response.getHeaders()) {
            String name = field.getLowerCaseName();
            String value = field.getValue();
            if (value != null && passed.passToClient(name) && !provider.words().isSecretIn(value)) {
                fields.add(new Field(name.toLowerCase(Locale.ROOT), value));
            }
        }
        return new Head(response.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH), fields);
    }
}
