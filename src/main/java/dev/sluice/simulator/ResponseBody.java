package dev.sluice.simulator;

import org.jspecify.annotations.Nullable;

/** The bytes of one simulated response, in order. Used by the stream's thread, one call at a time. */
interface ResponseBody {
    /** Of a response that never begins. */
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

    /** What is sent as soon as the response begins; may be empty. Called once, before all else. */
    byte[] first();

    /** What the next piece of the script is sent as; null once there is no more. */
    byte @Nullable [] next();

    /** What is sent behind the last piece; may be empty. Called once, after {@link #next} said null. */
    byte[] last();
}
