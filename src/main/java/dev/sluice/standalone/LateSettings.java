package dev.sluice.standalone;

import java.util.ArrayList;
import java.util.List;

/**
 * For {@code jetty-base}: refuses properties behind Jetty's XML files on the command line, because Jetty ignores them
 * there without a message. They get there when an operator appends them to the command that {@code start.jar --dry-run}
 * has printed.
 */
public final class LateSettings {
    /** The main class of the command that start.jar prints. */
    private static final String XML_MAIN = "org.eclipse.jetty.xml.XmlConfiguration";

    private LateSettings() {}

    /** Called by an XML file of jetty-base, before the server is started. */
    public static void refuse() {
        refuse(System.getProperty("sun.java.command", ""));
    }

    static void refuse(String command) {
        if (!command.contains(XML_MAIN)) {
            return; // start.jar runs Jetty in its own process, and has put the properties first
        }
        List<String> late = new ArrayList<>();
        boolean behind = false;
        for (String argument : command.split(" ", -1)) {
            if (argument.matches("--?env")) {
                behind = false; // properties of an environment stand before its own XML files
            } else if (argument.endsWith(".xml")) {
                behind = true;
            } else if (behind && argument.matches("[A-Za-z][\\w.-]*=.*")) {
                late.add(argument);
            }
        }
        if (!late.isEmpty()) {
            throw new IllegalArgumentException("Jetty would ignore " + String.join(" ", late)
                    + ", because it stands behind the XML files. Give it to start.jar --dry-run instead, and run the"
                    + " command that this prints.");
        }
    }
}
