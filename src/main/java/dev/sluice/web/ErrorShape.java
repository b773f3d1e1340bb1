package dev.sluice.web;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ErrorJson;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the failures of one path are written, whoever refuses a request there: a filter of ours, a servlet, or the container.
 * Where nobody says, they are written as OpenAI does. Belongs before all filters that refuse.
 *
 * <p>The attribute's value is of our own type, so that nothing else can set it. For any thread.
 */
public final class ErrorShape implements Filter {
    private static final String ATTRIBUTE = "dev.sluice.error-shape";

    private static final ErrorShape OPENAI = new ErrorShape(ErrorJson::text, null);

    private final Function<Failure, String> json;
    private final @Nullable String header;

    /**
     * @param json a failure as JSON on one line
     * @param header the request header of those whom this is for; null for all
     */
    public ErrorShape(Function<Failure, String> json, @Nullable String header) {
        this.json = json;
        this.header = header;
    }

    /** The one that the request's failures have. */
    static ErrorShape of(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof ErrorShape shape ? shape : OPENAI;
    }

    String json(Failure failure) {
        return json.apply(failure);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (header == null || (request instanceof HttpServletRequest http && http.getHeader(header) != null)) {
            request.setAttribute(ATTRIBUTE, this);
        }
        chain.doFilter(request, response);
    }
}
