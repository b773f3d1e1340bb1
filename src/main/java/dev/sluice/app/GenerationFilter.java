package dev.sluice.app;

import dev.sluice.web.Lease;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/**
 * The access filter of the generation that is current when a request comes; the servlet that the request is let through to
 * is given the same generation. Safe for use by many threads.
 */
final class GenerationFilter implements Filter {
    private final Generations generations;

    GenerationFilter(Generations generations) {
        this.generations = generations;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try (Lease<Generation> lease = generations.keepFor(request)) {
            lease.value().access().doFilter(request, response, chain);
        }
    }
}
