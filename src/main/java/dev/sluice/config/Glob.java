package dev.sluice.config;

/** A name in which {@code *} stands for any characters, or for none. */
final class Glob {
    private Glob() {}

    /** Whether the whole text fits. Each piece between two stars is found at its first place, so nothing is tried twice. */
    static boolean matches(String glob, String text) {
        int first = glob.indexOf('*');
        if (first < 0) {
            return glob.equals(text);
        }
        int last = glob.lastIndexOf('*');
        int tail = glob.length() - last - 1;
        int end = text.length() - tail;
        if (first > end || !text.startsWith(glob.substring(0, first)) || !text.endsWith(glob.substring(last + 1))) {
            return false;
        }
        int at = first;
        for (int star = first; star < last; ) {
            int next = glob.indexOf('*', star + 1);
            String piece = glob.substring(star + 1, next);
            int found = text.indexOf(piece, at);
            if (found < 0 || found + piece.length() > end) {
                return false;
            }
            at = found + piece.length();
            star = next;
        }
        return true;
    }
}
