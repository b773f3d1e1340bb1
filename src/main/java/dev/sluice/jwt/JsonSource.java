package dev.sluice.jwt;

import java.net.URI;

/** Fetches JSON documents. Any thread may call it; it never blocks. */
@FunctionalInterface
public interface JsonSource {
    /**
     * Fetches a document.
     *
     * @param reader is told the result once, by any thread, perhaps within this call
     * @return cancels it; any thread may call that, any number of times
     */
    Runnable get(URI url, Reader reader);

    /** Gets one document. Must not block. */
    interface Reader {
        void read(byte[] document);

        /**
         * There is none.
         *
         * @param reason a clause for the log, such as {@code it answered with status 404}
         */
        void failed(String reason);
    }
}
