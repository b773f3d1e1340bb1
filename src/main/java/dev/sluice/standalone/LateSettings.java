package dev.sluice.standalone;

import java.util.ArrayList;
import java.util.List;

/**
 * For {@code jetty-base}: refuses settings of Jetty's that stand behind its XML files on the command line, where Jetty
 * takes them without a word and heeds none. That is where they come to when they are written behind the file that
 * {@code start.jar --dry-run} has made.
 */
public final class LateSettings {
    /** What runs what start.jar has worked out. */
    private static final String JETTYS_OWN = "org.eclipse.jetty.xml.XmlConfiguration";

    private LateSettings() {}

    /** Called by Jetty's XML, before anything is started. */
    public static void refuse() {
        refuse(System.getProperty("sun.java.command", ""));
    }

    static void refuse(String command) {
        if (!command.contains(JETTYS_OWN)) {
            return; // start.jar, in the same process: it sorts what it is given
        }
        List<String> late = new ArrayList<>();
        boolean behind = false;
        for (String argument : command.split(" ", -1)) {
            if (argument.matches("--?env")) {
                behind = false; // what one environment is told comes before its own XML files
            } else if (argument.endsWith(".xml")) {
                behind = true;
            } else if (behind && argument.matches("[A-Za-z][\\w.-]*=.*")) {
                late.add(argument);
            }
        }
        if (!late.isEmpty()) {
            throw new IllegalArgumentException("Jetty would not heed " + String.join(" ", late)
                    + ": it stands behind the XML files that it is for. Write it into the command with --dry-run"
                    + " instead, and run that again.");
        }
    }
}
