package dev.sluice.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Documents that the test hands out. Used by one thread. */
final class FakeSource implements JsonSource {
    private final List<Call> calls = new ArrayList<>();

    @Override
    public Runnable get(URI url, Reader reader) {
        Call call = new Call(url, reader);
        calls.add(call);
        return () -> call.cancelled = true;
    }

    /** The number of calls so far. */
    int asked() {
        return calls.size();
    }

    /** The latest call. */
    Call last() {
        return calls.get(calls.size() - 1);
    }

    static final class Call {
        final URI url;
        private final JsonSource.Reader reader;
        private boolean cancelled;

        private Call(URI url, JsonSource.Reader reader) {
            this.url = url;
            this.reader = reader;
        }

        boolean isCancelled() {
            return cancelled;
        }

        void answer(String json) {
            reader.read(json.getBytes(UTF_8));
        }

        void fail(String reason) {
            reader.failed(reason);
        }
    }
}
