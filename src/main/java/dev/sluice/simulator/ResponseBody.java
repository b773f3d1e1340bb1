package dev.sluice.simulator;

import org.jspecify.annotations.Nullable;

/** The body of one simulated response, in order. The stream's thread makes all calls. */
interface ResponseBody {
    /** The body of a response that never begins. */
    ResponseBody NONE = new ResponseBody() {
        @Override
        public byte[] first() {
            return new byte[0];
        }

        @Override
        public byte @Nullable [] next() {
            return null;
        }

        @Override
        public byte[] last() {
            return new byte[0];
        }
    };

    /** The bytes at the beginning of the response; may be empty. Called once, before {@link #next}. */
    byte[] first();

    /** The bytes of the next piece of the script; null if there is none. */
    byte @Nullable [] next();

    /** The bytes behind the last piece; may be empty. Called once, after {@link #next} has returned null. */
    byte[] last();
}
