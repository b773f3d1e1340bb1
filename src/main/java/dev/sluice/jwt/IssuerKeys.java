package dev.sluice.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.sluice.relay.Clock;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer. They are fetched at the start, and again after each {@link Source#refresh}. A token with an unknown
 * key has them fetched earlier, at most once in 30 s. If they cannot be fetched, those that are known are used for 24 hours
 * more, and each change of that state is one line of the log. An issuer that publishes none has withdrawn them: those that are
 * known are not used any more.
 *
 * <pre>
 *   new ──fetched──▶ current ──not fetched──▶ old ──24 hours──▶ none
 *    │                  ▲                      │                 │
 *    └─not fetched──▶ none ──────fetched───────┴─────fetched─────┘
 *
 *   new, current, old ──fetched, but there are none──▶ none
 * </pre>
 *
 * <p>Any thread may call all methods; none blocks.
 */
public final class IssuerKeys {
    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

    /** The longest fetch. Requests wait for it. */
    public static final Duration DEADLINE = Duration.ofSeconds(5);

    /** How long keys are used after they were fetched last. */
    static final Duration KEPT = Duration.ofHours(24);

    /** The shortest time from one fetch for an unknown key to the next. */
    static final Duration BETWEEN_UNKNOWN = Duration.ofSeconds(30);

    /** When keys that could not be fetched are fetched again, if this is earlier than usual. */
    private static final Duration RETRY = Duration.ofSeconds(30);

    /** The same while none are known, so that no token can be verified. */
    static final Duration RETRY_WITHOUT = Duration.ofSeconds(5);

    /** The most requests that wait for one fetch. */
    static final int MOST_WAITING = 1_000;

    private static final int LONGEST_REASON = 300;

    /**
     * Where keys come from.
     *
     * @param name the issuer's name in the settings
     * @param issuer its {@code iss} claim
     * @param jwks the URL of the keys; null if discovery tells
     * @param refresh the time after which they are fetched again
     */
    public record Source(
            String name, String issuer, @Nullable URI jwks, Duration refresh) {}

    private enum State {
        NEW,
        CURRENT,
        OLD,
        NONE
    }

    private final Source source;
    private final JsonSource documents;
    private final Clock clock;
    private final Executor log;

    /** Null before the first are fetched. Written with the lock of this held. */
    private volatile @Nullable Known known;

    // Guarded by this.
    private State state = State.NEW;
    private @Nullable Fetch fetch;
    private Clock.@Nullable Alarm alarm; // for the next fetch
    private boolean unknownAsked;
    private long unknownAskedAt;
    private boolean stopped;

    /**
     * Keys that are not fetched before {@link #start}.
     *
     * @param log writes lines of the log, because a log may block
     */
    public IssuerKeys(Source source, JsonSource documents, Clock clock, Executor log) {
        this.source = source;
        this.documents = documents;
        this.clock = clock;
        this.log = log;
    }

    /** Begins to fetch the keys. Called once. */
    public void start() {
        refresh();
    }

    /** Fetches nothing any more. Requests that wait for a fetch go on. */
    public void stop() {
        Fetch running;
        synchronized (this) {
            stopped = true;
            running = fetch;
            if (alarm != null) {
                alarm.cancel();
            }
        }
        if (running != null) {
            running.end(null, "Sluice stops");
        }
    }

    /** The keys that are known; null if there are none, or if they are too old. */
    @Nullable
    KeySet keys() {
        Known latest = known;
        return latest == null || clock.nanoTime() - latest.at > KEPT.toNanos() ? null : latest.keys;
    }

    /**
     * A fetch that may bring a key that is not known, and that this begins if it may. It completes when the fetch has ended,
     * within 5 s.
     *
     * @return null if there is none to wait for: the last one for an unknown key was too short a time ago, or too many wait
     */
    public @Nullable CompletableFuture<Void> fetch() {
        Fetch joined;
        boolean begun = false;
        synchronized (this) {
            joined = fetch;
            if (joined == null) {
                // Without any keys, they are fetched soon anyway.
                if (known == null || stopped || !mayAskForUnknown()) {
                    return null;
                }
                unknownAsked = true;
                unknownAskedAt = clock.nanoTime();
                joined = next();
                begun = true;
            }
            if (joined.waiting == MOST_WAITING) {
                return null;
            }
            joined.waiting++;
        }
        if (begun) {
            joined.begin();
        }
        return joined.ended;
    }

    private boolean mayAskForUnknown() {
        return !unknownAsked || clock.nanoTime() - unknownAskedAt >= BETWEEN_UNKNOWN.toNanos();
    }

    private void refresh() {
        Fetch begun;
        synchronized (this) {
            if (stopped || fetch != null) {
                return;
            }
            begun = next();
        }
        begun.begin();
    }

    /** The fetch that the caller has to begin, without the lock. Called with the lock of this held, while none is running. */
    private Fetch next() {
        if (alarm != null) {
            alarm.cancel();
        }
        Fetch created = new Fetch();
        fetch = created;
        return created;
    }

    /** Called once for each fetch that has begun. */
    private void ended(@Nullable KeySet fetched, String reason) {
        String line;
        boolean good;
        synchronized (this) {
            fetch = null;
            if (stopped) {
                return;
            }
            boolean withdrawn = fetched != null && fetched.isEmpty();
            if (withdrawn) {
                known = null;
            } else if (fetched != null) {
                Known before = known;
                KeySet same = before != null && before.keys.isSameAs(fetched) ? before.keys : fetched;
                known = new Known(same, clock.nanoTime());
            }
            State now = keys() == null ? State.NONE : fetched != null ? State.CURRENT : State.OLD;
            line = withdrawn && state != State.NONE ? withdrawn() : line(state, now, reason);
            good = now == State.CURRENT;
            state = now;
            alarm = clock.schedule(this::refresh, pause(now).toNanos());
        }
        if (line != null) {
            log.execute(() -> {
                if (good) {
                    LOG.info(line);
                } else {
                    LOG.warn(line);
                }
            });
        }
    }

    private Duration pause(State state) {
        Duration most = state == State.CURRENT ? source.refresh : state == State.OLD ? RETRY : RETRY_WITHOUT;
        return source.refresh.compareTo(most) < 0 ? source.refresh : most;
    }

    /** The line of the log about a change of state; null if there is none. */
    private @Nullable String line(State before, State now, String reason) {
        String whose = whose();
        return before == now
                ? null
                : switch (now) {
                    case CURRENT ->
                        before == State.NEW ? whose + " have been fetched." : whose + " can be fetched again.";
                    case OLD ->
                        whose + " could not be fetched: " + reason + ". Those that are known are used for "
                                + KEPT.toHours() + " hours.";
                    case NONE ->
                        whose + " could not be fetched"
                                + (before == State.NEW ? "" : " for " + KEPT.toHours() + " hours")
                                + ": " + reason + ". Until they are, its tokens are answered with 503. Check "
                                + setting() + ".";
                    case NEW -> null;
                };
    }

    private String withdrawn() {
        return whose()
                + " are withdrawn: it publishes none for signatures. Until it does, its tokens are answered with 503."
                + " Check " + setting() + ".";
    }

    private String whose() {
        return "The keys of the issuer " + source.name + " (" + source.issuer + ")";
    }

    private String setting() {
        return "sluice.issuers." + source.name + (source.jwks == null ? ".issuer" : ".jwks");
    }

    /** @param at when they were fetched, by the clock */
    private record Known(KeySet keys, long at) {}

    /** One fetch: of the keys, and before that of the issuer's own description if it has to tell where they are. */
    private final class Fetch {
        private final CompletableFuture<Void> ended = new CompletableFuture<>();

        /** Guarded by the keys. */
        private int waiting;

        // Guarded by this.
        private boolean over;
        private @Nullable Runnable cancel;
        private Clock.@Nullable Alarm deadline;

        void begin() {
            Clock.Alarm late = clock.schedule(
                    () -> end(null, "there was no answer within " + DEADLINE.toSeconds() + " s"), DEADLINE.toNanos());
            synchronized (this) {
                deadline = late;
                if (over) {
                    late.cancel();
                }
            }
            URI jwks = source.jwks;
            if (jwks == null) {
                URI discovery = URI.create(source.issuer.replaceFirst("/+$", "") + "/.well-known/openid-configuration");
                get(discovery, json -> get(keysOf(json), this::take));
            } else {
                get(jwks, this::take);
            }
        }

        private void get(URI url, Step step) {
            Runnable running = documents.get(url, new JsonSource.Reader() {
                @Override
                public void read(byte[] document) {
                    try {
                        step.read(document);
                    } catch (ParseException | RuntimeException unusable) {
                        failed("what it answered is not usable (" + unusable.getMessage() + ")");
                    }
                }

                @Override
                public void failed(String reason) {
                    end(null, url + ": " + reason);
                }
            });
            synchronized (this) {
                if (!over) {
                    cancel = running;
                    return;
                }
            }
            running.run();
        }

        private void take(byte[] json) throws ParseException {
            end(KeySet.parse(json), "");
        }

        /** Any thread may call it; only the first call has an effect. */
        void end(@Nullable KeySet fetched, String reason) {
            Runnable running;
            Clock.Alarm late;
            synchronized (this) {
                if (over) {
                    return;
                }
                over = true;
                running = cancel;
                late = deadline;
            }
            if (late != null) {
                late.cancel();
            }
            if (running != null && fetched == null) {
                running.run();
            }
            ended(fetched, bounded(reason));
            ended.complete(null);
        }
    }

    private interface Step {
        void read(byte[] document) throws ParseException;
    }

    /** The URL of the keys, as the issuer's description tells it (OpenID Connect Discovery 1.0, section 4). */
    private URI keysOf(byte[] description) throws ParseException {
        var members = JSONObjectUtils.parse(new String(description, UTF_8));
        if (!source.issuer.equals(JSONObjectUtils.getString(members, "issuer"))) {
            throw new ParseException("its issuer is not " + source.issuer, 0);
        }
        URI url = JSONObjectUtils.getURI(members, "jwks_uri");
        if (url == null || !isAsSafeAs(URI.create(source.issuer), url)) {
            throw new ParseException("its jwks_uri is no https URL", 0);
        }
        return url;
    }

    /** Whoever can forge the keys could already forge the description. */
    private static boolean isAsSafeAs(URI issuer, URI keys) {
        return keys.getHost() != null
                && ("https".equalsIgnoreCase(keys.getScheme())
                        || ("http".equalsIgnoreCase(issuer.getScheme())
                                && "http".equalsIgnoreCase(keys.getScheme())
                                && issuer.getHost().equalsIgnoreCase(keys.getHost())));
    }

    private static String bounded(String reason) {
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…";
    }
}
