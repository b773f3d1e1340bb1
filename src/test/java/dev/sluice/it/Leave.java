package dev.sluice.it;

import java.io.IOException;

/** How a client goes away. */
enum Leave {
    /** Its process is killed: with RST, which the server's next write, or even an earlier look, shows. */
    RESET(1),
    /** Its process ends: with FIN, which could be a half-close, so only the answer to a write tells, to the next one. */
    CLOSE(2);

    private final int writes;

    Leave(int writes) {
        this.writes = writes;
    }

    /** How many writes it may take at most until the server notices. */
    int writes() {
        return writes;
    }

    void leave(RawClient client) throws IOException {
        if (this == RESET) {
            client.reset();
        } else {
            client.close();
        }
    }
}
