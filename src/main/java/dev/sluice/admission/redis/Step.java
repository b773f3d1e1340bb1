package dev.sluice.admission.redis;

import io.lettuce.core.protocol.CommandArgs;

/** One call of a script. All methods are called by the thread of the store's connection. */
abstract class Step {
    private final Script script;

    /** When the answer is due; set when the script is sent. */
    private long due;

    private long sentAt;

    Step(Script script) {
        this.script = script;
    }

    final Script script() {
        return script;
    }

    final long due() {
        return due;
    }

    final long sentAt() {
        return sentAt;
    }

    final void sent(long now, long timeout) {
        sentAt = now;
        due = now + timeout;
    }

    /** Adds the keys and their number, and then the arguments, of which the first two are the node and the connection. */
    abstract void addTo(CommandArgs<String, String> command, byte[] node, byte[] connection);

    /** The script has run. */
    abstract void answered(Answer answer);

    /** Nobody knows whether the script has run, or will run. Does nothing by default. */
    void lost() {}
}
