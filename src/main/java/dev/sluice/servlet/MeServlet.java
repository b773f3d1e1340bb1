package dev.sluice.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sluice.admission.Ledger;
import dev.sluice.admission.Level;
import dev.sluice.admission.Limit;
import dev.sluice.admission.Plans;
import dev.sluice.admission.Plans.Share;
import dev.sluice.chat.Failure;
import dev.sluice.config.Plan;
import dev.sluice.relay.Caller;
import dev.sluice.web.AsyncResponse;
import dev.sluice.web.AsyncSupport;
import dev.sluice.web.GetServlet;
import dev.sluice.web.Lease;
import dev.sluice.web.Pass;
import dev.sluice.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code GET /me}: who the caller is, its plan, and what is left of the plan's limits. Strangers get no answer. */
public final class MeServlet extends GetServlet {
    private static final long serialVersionUID = 1;

    private static final JsonFactory JSON = new JsonFactory();

    /** The timeout of an answer, with the time for the client to read it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final transient Function<HttpServletRequest, Lease<Plans>> plans;
    private final transient Ledger ledger;

    /**
     * @param plans those that hold for a request
     * @param ledger what callers have used
     */
    public MeServlet(Function<HttpServletRequest, Lease<Plans>> plans, Ledger ledger) {
        this.plans = plans;
        this.ledger = ledger;
    }

    @Override
    protected void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Failure notAsync = AsyncSupport.objection(request);
        if (notAsync != null) {
            Problem.write(request, response, notAsync);
            return;
        }
        Caller caller = requireNonNull(Pass.callerOf(request));
        Share share;
        try (Lease<Plans> lease = plans.apply(request)) {
            share = lease.value().of(caller);
        }
        var answer = AsyncResponse.start(request, response, PATIENCE, MeServlet::tooLate);
        if (share == null) {
            answer.json(json(caller, null, List.of()));
        } else {
            ledger.read(share.account(), levels -> answer.json(json(caller, share.plan(), levels)));
        }
    }

    private static byte[] json(Caller caller, @Nullable Plan plan, List<Level> levels) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("name", caller.shownName());
            json.writeStringProperty("established_by", caller.basis().label());
            write(json, "groups", caller.groups().stream().sorted().toList());
            json.writeStringProperty("plan", plan == null ? null : plan.name());
            if (plan == null || plan.models().isEmpty()) {
                json.writeNullProperty("models"); // all that there are
            } else {
                write(json, "models", plan.models());
            }
            Integer longest = plan == null ? null : plan.maxOutputTokens();
            if (longest == null) {
                json.writeNullProperty("max_output_tokens");
            } else {
                json.writeNumberProperty("max_output_tokens", longest);
            }
            json.writeArrayPropertyStart("limits");
            levels.forEach(level -> write(json, level));
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString().getBytes(UTF_8);
    }

    private static void write(JsonGenerator json, String name, List<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Level level) {
        Limit limit = level.limit();
        json.writeStartObject();
        json.writeStringProperty("unit", limit.unit().label());
        json.writeStringProperty(
                "period", limit.period() == null ? null : limit.period().label());
        json.writeNumberProperty("amount", limit.amount());
        json.writeNumberProperty("spent", level.spent());
        json.writeNumberProperty("held", level.held());
        json.writeNumberProperty("remaining", level.remaining());
        json.writeNumberProperty("whole_in_ms", level.whole().toMillis());
        json.writeEndObject();
    }

    private static Failure tooLate() {
        return Failure.timeout(504, "me_timeout", "What is left could not be learned in time.");
    }
}
