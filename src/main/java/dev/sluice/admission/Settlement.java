package dev.sluice.admission;

import dev.sluice.admission.Ledger.Reservation;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamSummary;

/** Settles what one request has taken, at the end of its stream. */
final class Settlement implements StreamListener {
    private final Reservation reservation;
    private final Estimate estimate;
    private final Asked asked;

    Settlement(Reservation reservation, Estimate estimate, Asked asked) {
        this.reservation = reservation;
        this.estimate = estimate;
        this.asked = asked;
    }

    @Override
    public void ended(StreamSummary summary) {
        reservation.settle(estimate.used(asked, summary));
    }
}
