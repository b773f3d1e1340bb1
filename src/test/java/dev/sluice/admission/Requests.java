package dev.sluice.admission;

import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import dev.sluice.relay.Openings;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Opened;
import java.util.Set;

/** A request as tests ask for it. */
final class Requests {
    static final Opened OPENED = Openings.of(new Caller("ada", Basis.CONTAINER, Set.of("team")), "chat-completions");
    static final Asked ASKED = new Asked("grok", true, 100);

    private Requests() {}
}
