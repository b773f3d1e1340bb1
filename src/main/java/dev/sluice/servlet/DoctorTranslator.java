package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Passes the doctor's events to the client unchanged. Guarded by the stream's thread. */
final class DoctorTranslator implements Translator {
    private final boolean heartbeat;
    private final SseEncoder held = new SseEncoder();
    private long fed;

    /** @param heartbeat whether heartbeats are sent in the silence */
    DoctorTranslator(boolean heartbeat) {
        this.heartbeat = heartbeat;
    }

    @Override
    public String contentType() {
        return "text/event-stream;charset=utf-8";
    }

    @Override
    public boolean takesComments() {
        return heartbeat;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        held.bytes(copy, 0, copy.length);
        fed += copy.length;
    }

    @Override
    public Meaning translate(SseEncoder out) {
        if (held.length() == 0) {
            return Meaning.NOTHING;
        }
        out.bytes(held.array(), 0, held.length());
        held.release();
        return Meaning.LIFE; // it is no token, so it must not be counted
    }

    @Override
    public Failure failure() {
        throw new IllegalStateException("translate() never says so");
    }

    @Override
    public @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
        return reason;
    }

    @Override
    public void done(SseEncoder out) {
        // It was the last event.
    }

    @Override
    public void brokenOff(Failure failure, SseEncoder out) {
        out.event("error", ErrorJson.text(failure));
    }

    @Override
    public long fedBytes() {
        return fed;
    }

    @Override
    public int heldBytes() {
        return held.length();
    }

    @Override
    public @Nullable Usage usage() {
        return null;
    }
}
