package dev.sluice.doctor;

import dev.sluice.chat.InvalidRequestException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The parameters of a test stream: events at a constant rate and then, unless {@code silence} is zero, a silence and one
 * more event. Immutable.
 *
 * @param events the number of events before the silence, 1 to 1,000
 * @param interval the time between them, up to 10 s
 * @param silence up to 2 min; zero for none
 * @param heartbeat whether heartbeat comments are sent in the silence, as in other streams
 */
public record Examination(int events, Duration interval, Duration silence, boolean heartbeat) {
    private static final long LONGEST_MILLIS = Duration.ofMinutes(10).toMillis();

    /**
     * Reads the parameters of a request; each has a default.
     *
     * @throws InvalidRequestException if one is unknown, given twice or out of range; the message names it
     */
    public static Examination of(Map<String, String[]> parameters) throws InvalidRequestException {
        for (String name : parameters.keySet()) {
            if (!List.of("events", "interval-ms", "silence-ms", "heartbeat").contains(name)) {
                throw invalid(
                        name, "There is no such parameter; there are events, interval-ms, silence-ms, heartbeat.");
            }
        }
        int events = number(parameters, "events", 50, 1, 1_000);
        int interval = number(parameters, "interval-ms", 100, 0, 10_000);
        int silence = number(parameters, "silence-ms", 0, 0, 120_000);
        if ((long) events * interval > LONGEST_MILLIS) {
            throw invalid(
                    "interval-ms",
                    "All events together may take 10 minutes: lower events or interval-ms so that their product is at most "
                            + LONGEST_MILLIS + ".");
        }
        return new Examination(
                events, Duration.ofMillis(interval), Duration.ofMillis(silence), isOn(parameters, "heartbeat"));
    }

    /** The number of all events, with the one after the silence. */
    public int allEvents() {
        return silence.isZero() ? events : events + 1;
    }

    private static int number(Map<String, String[]> parameters, String name, int ifAbsent, int least, int most)
            throws InvalidRequestException {
        String text = single(parameters, name, Integer.toString(ifAbsent));
        // A longer text is out of range, and might not fit an int.
        if (text.matches("\\d{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw invalid(name, "It must be a whole number from " + least + " to " + most + ".");
    }

    private static boolean isOn(Map<String, String[]> parameters, String name) throws InvalidRequestException {
        return switch (single(parameters, name, "on")) {
            case "on" -> true;
            case "off" -> false;
            default -> throw invalid(name, "It must be on or off.");
        };
    }

    private static String single(Map<String, String[]> parameters, String name, String ifAbsent)
            throws InvalidRequestException {
        String[] values = parameters.get(name);
        if (values == null) {
            return ifAbsent;
        }
        if (values.length > 1) {
            throw invalid(name, "It may be given only once.");
        }
        return values[0];
    }

    private static InvalidRequestException invalid(String name, String fix) {
        String shown = name.length() > 40 ? name.substring(0, 40) + "…" : name;
        return InvalidRequestException.badField(
                "invalid_parameter", shown, "The parameter " + shown + " is not valid. " + fix);
    }
}
