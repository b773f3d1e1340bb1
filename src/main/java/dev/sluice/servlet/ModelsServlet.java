package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ModelShape;
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
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

    private final transient List<ModelShape> shapes;

    /**
     * @param directories the one that answers a request; kept until it has
     * @param shapes how models are listed for the clients that send the header of one; for all others as OpenAI lists them
     */
    public ModelsServlet(Function<HttpServletRequest, Lease<ModelDirectory>> directories, List<ModelShape> shapes) {
        this.directories = directories;
        this.shapes = List.copyOf(shapes);
    }

    @Override
    protected void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Failure notAsync = AsyncSupport.objection(request);
        if (notAsync != null) {
            Problem.write(request, response, notAsync);
            return;
        }
        ModelShape shape = shapeFor(request);
        Map<String, String[]> parameters = parameters(shape, request);
        String id = Mount.below(request).replaceFirst("^/v1/models/?", "");
        var answer = AsyncResponse.start(request, response, PATIENCE, ModelsServlet::tooLate);
        Lease<ModelDirectory> directory = directories.apply(request);
        try {
            if (id.isEmpty()) {
                directory.value().list(listed -> {
                    directory.close();
                    tell(answer, listed, shape, parameters);
                });
            } else {
                directory.value().find(id, found -> {
                    directory.close();
                    tell(answer, found, shape);
                });
            }
        } catch (RuntimeException | Error fault) {
            directory.close();
            throw fault;
        }
    }

    private @Nullable ModelShape shapeFor(HttpServletRequest request) {
        return shapes.stream()
                .filter(shape -> request.getHeader(shape.header()) != null)
                .findFirst()
                .orElse(null);
    }

    /** The parameters of the query. One that is ill-formed has none: the list is then the whole one. */
    private static Map<String, String[]> parameters(@Nullable ModelShape shape, HttpServletRequest request) {
        try {
            return shape == null ? Map.of() : QueryString.parameters(request.getQueryString());
        } catch (InvalidRequestException illFormed) {
            return Map.of();
        }
    }

    private static void tell(
            AsyncResponse answer,
            ModelList.Answer listed,
            @Nullable ModelShape shape,
            Map<String, String[]> parameters) {
        if (listed instanceof ModelList.Models models) {
            answer.json(
                    shape == null
                            ? models.list().toJson()
                            : shape.list(models.list(), name -> {
                                String[] values = parameters.get(name);
                                return values == null ? null : values[0];
                            }));
        } else if (listed instanceof ModelList.Failed failed) {
            answer.refuse(failed.failure());
        }
    }

    private static void tell(AsyncResponse answer, ModelList.Finding found, @Nullable ModelShape shape) {
        if (found instanceof ModelList.Found one) {
            answer.json(shape == null ? one.model().toJson() : shape.one(one.model()));
        } else if (found instanceof ModelList.Failed failed) {
            answer.refuse(failed.failure());
        }
    }

    private static Failure tooLate() {
        return Failure.timeout(504, "models_timeout", "The models could not be learned in time.");
    }
}
