package dev.sluice.app;

import dev.sluice.config.Settings;
import dev.sluice.jwt.IssuerKeys;
import dev.sluice.jwt.JsonSource;
import dev.sluice.upstream.Documents;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of the issuers of all generations. Generations whose keys come from the same place share them, so that a reload
 * keeps those that are known. Keys that no generation uses any longer are fetched no more. Any thread may call all methods.
 */
final class Issuers {
    private static final Logger LOG = LoggerFactory.getLogger(Issuers.class);

    private final Common common;

    /** Those that a generation uses. Guarded by this, and so are its elements. */
    private final List<Used> used = new ArrayList<>();

    Issuers(Common common) {
        this.common = common;
    }

    /**
     * The keys of each issuer. The caller has to {@linkplain #start start} them, and to {@linkplain #release release} them once.
     */
    synchronized Map<Settings.Issuer, IssuerKeys> acquire(Collection<Settings.Issuer> issuers) {
        Map<Settings.Issuer, IssuerKeys> keys = new LinkedHashMap<>();
        issuers.forEach(issuer -> keys.put(issuer, acquire(issuer)));
        return keys;
    }

    private IssuerKeys acquire(Settings.Issuer issuer) {
        IssuerKeys.Source source =
                new IssuerKeys.Source(issuer.name(), issuer.issuer(), issuer.jwks(), issuer.refresh());
        for (Used each : used) {
            if (each.source.equals(source)) {
                each.users++;
                return each.keys;
            }
        }
        Documents documents = new Documents(issuer.name(), IssuerKeys.DEADLINE, common.scheduler(), common.alarms());
        Used fresh = new Used(
                source,
                documents,
                new IssuerKeys(source, (url, reader) -> get(documents, url, reader), common.alarms(), common.log()));
        used.add(fresh);
        return fresh.keys;
    }

    private static Runnable get(Documents documents, URI url, JsonSource.Reader reader) {
        return documents.get(url, new Documents.Reader() {
            @Override
            public void read(byte[] document) {
                reader.read(document);
            }

            @Override
            public void failed(String reason) {
                reader.failed(reason);
            }
        });
    }

    /**
     * Begins to fetch those that are not fetched yet. May block; only one thread at a time may call it.
     *
     * @throws Exception if that cannot be begun; the caller has to release them all the same
     */
    void start(Collection<IssuerKeys> all) throws Exception {
        for (IssuerKeys keys : all) {
            Used one = toBeStarted(keys);
            if (one != null) {
                one.documents.start();
                keys.start();
            }
        }
    }

    /** Ends the fetches of those that no other generation uses. May block. */
    void release(Collection<IssuerKeys> all) {
        for (IssuerKeys keys : all) {
            Used unused = lastUseOf(keys);
            if (unused != null) {
                keys.stop();
                try {
                    unused.documents.stop();
                } catch (Exception e) {
                    LOG.warn("The client for the keys of the issuer {} did not stop cleanly", unused.source.name(), e);
                }
            }
        }
    }

    private synchronized @Nullable Used toBeStarted(IssuerKeys keys) {
        Used known = known(keys);
        boolean first = !known.started;
        known.started = true;
        return first ? known : null;
    }

    private synchronized @Nullable Used lastUseOf(IssuerKeys keys) {
        Used known = known(keys);
        known.users--;
        return known.users == 0 && used.remove(known) ? known : null;
    }

    private Used known(IssuerKeys keys) {
        return used.stream().filter(each -> each.keys == keys).findAny().orElseThrow();
    }

    private static final class Used {
        private final IssuerKeys.Source source;
        private final Documents documents;
        private final IssuerKeys keys;
        private int users = 1;
        private boolean started;

        Used(IssuerKeys.Source source, Documents documents, IssuerKeys keys) {
            this.source = source;
            this.documents = documents;
            this.keys = keys;
        }
    }
}
