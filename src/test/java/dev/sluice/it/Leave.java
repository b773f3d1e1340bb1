package dev.sluice.it;

import java.io.IOException;

/** The ways in which a client closes its connection. */
enum Leave {
    /** With an RST, as a killed process does. The server's next read or write fails. */
    RESET(1),
    /** With a FIN, as a process that ends does. It could be a half-close, so that only the second write fails. */
    CLOSE(2);

    private final int writes;

    Leave(int writes) {
        this.writes = writes;
    }

    /** The most writes until the server detects it. */
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
