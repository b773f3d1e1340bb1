package dev.sluice.bench;

import java.util.Locale;

/**
 * The delay of the upstream's writes behind their schedule. It is transferred as text.
 *
 * @param count the number of tokens
 * @param p50 the median, in nanoseconds
 */
record Lateness(long count, double p50, double p99, double longest) {
    static Lateness of(Samples samples) {
        return new Lateness(samples.count(), samples.percentile(0.5), samples.percentile(0.99), samples.percentile(1));
    }

    static Lateness parse(String text) {
        String[] parts = text.split(" ", -1);
        return new Lateness(
                Long.parseLong(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Double.parseDouble(parts[3]));
    }

    double p99Millis() {
        return p99 / 1e6;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d %.0f %.0f %.0f", count, p50, p99, longest);
    }
}
