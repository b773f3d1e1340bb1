package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList;
import dev.sluice.web.AsyncResponse;
import dev.sluice.web.AsyncSupport;
import dev.sluice.web.GetServlet;
import dev.sluice.web.Lease;
import dev.sluice.web.Mount;
import dev.sluice.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;

/**
 * {@code GET /v1/models} and {@code GET /v1/models/{id}}; an id may have slashes. Its URL pattern is {@code /v1/models/*}.
 *
 * <p>The answers must not be cached: Sluice has a cache itself, and a browser's would still answer with a revoked key.
 */
public final class ModelsServlet extends GetServlet {
    private static final long serialVersionUID = 1;

    /** The timeout of an answer, with the time for the client to read it. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final transient Function<HttpServletRequest, Lease<ModelDirectory>> directories;

    /** @param directories the one that answers a request; kept until it has */
    public ModelsServlet(Function<HttpServletRequest, Lease<ModelDirectory>> directories) {
        this.directories = directories;
    }

    @Override
    protected void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Failure notAsync = AsyncSupport.objection(request);
        if (notAsync != null) {
            Problem.write(request, response, notAsync);
            return;
        }
        String id = Mount.below(request).replaceFirst("^/v1/models/?", "");
        var answer = AsyncResponse.start(request, response, PATIENCE, ModelsServlet::tooLate);
        Lease<ModelDirectory> directory = directories.apply(request);
        try {
            if (id.isEmpty()) {
                directory.value().list(listed -> {
                    directory.close();
                    tell(answer, listed);
                });
            } else {
                directory.value().find(id, found -> {
                    directory.close();
                    tell(answer, found);
                });
            }
        } catch (RuntimeException | Error fault) {
            directory.close();
            throw fault;
        }
    }

    private static void tell(AsyncResponse answer, ModelList.Answer listed) {
        if (listed instanceof ModelList.Models models) {
            answer.json(models.list().toJson());
        } else if (listed instanceof ModelList.Failed failed) {
            answer.refuse(failed.failure());
        }
    }

    private static void tell(AsyncResponse answer, ModelList.Finding found) {
        if (found instanceof ModelList.Found one) {
            answer.json(one.model().toJson());
        } else if (found instanceof ModelList.Failed failed) {
            answer.refuse(failed.failure());
        }
    }

    private static Failure tooLate() {
        return Failure.timeout(504, "models_timeout", "The models could not be learned in time.");
    }
}
