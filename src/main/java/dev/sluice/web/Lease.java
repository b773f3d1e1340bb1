package dev.sluice.web;

/**
 * The use of something that others use too, and that is closed after its last user. For any thread.
 *
 * @param <T> what is used
 */
public interface Lease<T> extends AutoCloseable {
    /** Usable until the lease is closed. */
    T value();

    /** One more lease of the same, to be closed by itself. Call before this one is closed. */
    Lease<T> share();

    /** The use is over. Any number of times; never blocks. */
    @Override
    void close();
}
