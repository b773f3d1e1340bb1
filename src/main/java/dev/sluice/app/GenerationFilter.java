package dev.sluice.app;

import dev.sluice.web.Lease;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/**
 * Applies the access filter of the current generation, and binds that generation to the request, so that its servlet uses the
 * same one. Any thread may call it.
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
