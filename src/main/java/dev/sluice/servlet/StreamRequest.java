package dev.sluice.servlet;

import static java.util.Objects.requireNonNull;

import dev.sluice.admission.Admission;
import dev.sluice.admission.Admission.Admitted;
import dev.sluice.admission.Admission.Decision;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.admission.AdmissionWait;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.relay.Limits;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamSummary;
import dev.sluice.relay.Streams;
import dev.sluice.web.Lease;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One accepted request, from its body to the end of its stream. */
final class StreamRequest implements RequestBody.Receiver, StreamListener {
    private final Endpoint endpoint;
    private final Admission admission;
    private final Limits limits;
    private final Allowance allowed;
    private final Opened opened;
    private final HttpServletRequest request;
    private final ServletDownstream downstream;
    private final ClientWatch clients;
    private final @Nullable SocketChannel socket;

    /** This and the lease are set before another thread can use this object. */
    private @Nullable RequestBody body;

    private @Nullable Lease<Handling> lease;

    /** Set before the container tells of the body. */
    private @Nullable Relay relay;

    /** Set by the container's thread that has read the end of the body. */
    private volatile ClientWatch.@Nullable Watched watched;

    /** Set by the thread that has ended the stream. */
    private volatile boolean over;

    /** @param socket the client's connection, to notice that the client leaves; null if the container does not show it */
    StreamRequest(
            Handling handling,
            Opened opened,
            HttpServletRequest request,
            ServletDownstream downstream,
            ClientWatch clients,
            @Nullable SocketChannel socket) {
        this.endpoint = handling.endpoint();
        this.admission = handling.admission();
        this.allowed = Allowance.of(opened.caller(), admission);
        this.limits = handling.limits();
        this.opened = opened;
        this.request = request;
        this.downstream = downstream;
        this.clients = clients;
        this.socket = socket;
    }

    /**
     * Opens its stream. Called once, before any event.
     *
     * @param listeners create the stream's further listeners
     * @param lease closed when the stream has ended, or at once if no stream begins
     */
    Relay open(Streams streams, List<StreamListener.Factory> listeners, RequestBody body, Lease<Handling> lease) {
        this.body = body;
        this.lease = lease;
        try {
            Relay begun = streams.open(limits, downstream, opened, this, listeners);
            relay = begun;
            return begun;
        } catch (RuntimeException | Error fault) {
            lease.close();
            throw fault;
        }
    }

    // ---- Events of the body. Each is called by the container's thread that reads it.

    @Override
    public void received(byte[] bytes, int length) {
        stream().received();
        try {
            Endpoint.Opening said = read(bytes, length);
            if (said != null) {
                Asked asked =
                        new Asked(said.model(), said.streamed(), Math.max(length, said.bytes()), said.outputTokens());
                stream().asked(asked);
                watch();
                admit(said, AdmissionWait.ask(admission, opened, asked));
            }
        } catch (OutOfMemoryError none) {
            refuse(Failure.noMemory());
        }
    }

    @Override
    public void refused(Failure failure) {
        stream().refuse(failure);
    }

    @Override
    public void faulty(Failure failure) {
        stream().refuseAtLatest(failure);
    }

    @Override
    public void refusedWhileItComes(Failure failure) {
        downstream.closeAfterRefusal();
        stream().refuseEarly(failure);
    }

    @Override
    public void drained() {
        stream().requestOver();
    }

    @Override
    public void clientGone() {
        downstream.left();
    }

    // ---- The event of the stream. Called by the thread that has ended it.

    @Override
    public void ended(StreamSummary summary) {
        try {
            requireNonNull(body).letGo();
            over = true;
            watchNoMore();
        } finally {
            requireNonNull(lease).close();
        }
    }

    // ---- Steps.

    /** Null if it was refused. */
    private Endpoint.@Nullable Opening read(byte[] bytes, int length) {
        try {
            return endpoint.read(request, bytes, length, allowed, requireNonNull(body));
        } catch (InvalidRequestException fault) {
            refuse(fault.failure());
        } catch (RuntimeException unreadable) { // thrown by the container for parameters that it cannot decode
            refuse(Failure.invalid(400, "malformed_request", "The request cannot be read.", null));
        }
        return null;
    }

    private void admit(Endpoint.Opening said, Admission.Reply reply) {
        if (reply instanceof Decision decision) {
            decided(said, decision);
        } else if (reply instanceof Pending pending) {
            AdmissionWait.begin(stream(), pending, decision -> decided(said, decision));
        }
    }

    /** Called by any thread; the stream may have ended. */
    private void decided(Endpoint.Opening said, Decision decision) {
        try {
            carryOut(said, decision);
        } catch (OutOfMemoryError none) {
            refuse(Failure.noMemory());
        }
    }

    private void carryOut(Endpoint.Opening said, Decision decision) {
        if (decision instanceof Admitted yes && yes.listener() != null) {
            stream().join(yes.listener()); // first: it gives back what is held, whatever fails here
        }
        downstream.alsoSends(endpoint.limitHeaders(decision.fields()));
        if (decision instanceof Refused no) {
            refuse(no.failure());
        } else if (decision instanceof Admitted) {
            stream().passOn(said.upstream(), said.translator());
        }
    }

    /** Releases the body, which a refusal does not need, however slowly the client reads it. */
    private void refuse(Failure failure) {
        requireNonNull(body).letGo();
        stream().refuse(failure);
    }

    /** Watches the client. Not before the end of the body, because the container reads the socket until then. */
    private void watch() {
        if (socket != null) {
            watched = clients.watch(socket, downstream::left);
            if (over) {
                watchNoMore(); // the stream has ended in the meantime, before the watch was set
            }
        }
    }

    private void watchNoMore() {
        ClientWatch.Watched client = watched;
        if (client != null) {
            client.stop();
        }
    }

    private Relay stream() {
        return requireNonNull(relay);
    }
}
