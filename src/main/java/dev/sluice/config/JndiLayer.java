package dev.sluice.config;

import java.util.Map;
import java.util.TreeMap;
import javax.naming.Binding;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/**
 * The settings in JNDI: {@code upstream/url} and {@code upstream.url} below {@link #ROOT} are the same one. A slash that
 * follows {@code models/} belongs to the alias: {@code models/openai/gpt-5}.
 */
public final class JndiLayer {
    static final String ROOT = "java:comp/env/sluice";

    private JndiLayer() {}

    /** Empty where there is no JNDI, or nothing of ours in it. */
    public static Layer read(Lookup jndi) {
        Object root;
        try {
            root = jndi.lookup(ROOT);
        } catch (NamingException absent) {
            // Not NameNotFoundException alone: containers differ in what they throw for it.
            return new Layer(ROOT, Map.of());
        }
        Map<String, String> values = new TreeMap<>();
        try {
            if (root instanceof Context context) {
                walk(context, "sluice", values);
            }
            return new Layer(ROOT, values);
        } catch (NamingException e) {
            return new Layer(ROOT, values, "cannot be read whole: " + e);
        }
    }

    private static void walk(Context context, String path, Map<String, String> values) throws NamingException {
        if (path.length() > 200) {
            throw new NamingException("endless contexts");
        }
        char separator = path.startsWith("sluice.models.") ? '/' : '.';
        NamingEnumeration<Binding> bindings = context.listBindings("");
        try {
            while (bindings.hasMore()) {
                Binding binding = bindings.next();
                String name = path + separator + binding.getName();
                if (binding.getObject() instanceof Context inner) {
                    walk(inner, name, values);
                } else if (values.put(name, String.valueOf(binding.getObject())) != null) {
                    throw new NamingException(name + " is bound twice");
                }
            }
        } finally {
            bindings.close();
        }
    }

    /** {@code InitialContext::doLookup}. */
    @FunctionalInterface
    public interface Lookup {
        @Nullable
        Object lookup(String name) throws NamingException;
    }
}
