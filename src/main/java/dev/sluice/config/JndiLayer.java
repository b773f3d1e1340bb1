package dev.sluice.config;

import java.util.Map;
import java.util.TreeMap;
import javax.naming.Binding;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings in JNDI. Below {@link #ROOT}, {@code upstream/url} and {@code upstream.url} are the same setting. A
 * slash behind {@code models/} belongs to the alias: {@code models/openai/gpt-5} is {@code sluice.models.openai/gpt-5}. A
 * slash between {@code groups/} and {@code plan} belongs to the group.
 */
public final class JndiLayer {
    static final String ROOT = "java:comp/env/sluice";

    private JndiLayer() {}

    /** All settings in JNDI; none where there is no JNDI, or no context {@link #ROOT}. */
    public static Layer read(Lookup jndi) {
        Object root;
        try {
            root = jndi.lookup(ROOT);
        } catch (NamingException absent) {
            // Containers throw different exceptions for a name that is not bound, not NameNotFoundException only.
            return new Layer(ROOT, Map.of());
        }
        Map<String, String> values = new TreeMap<>();
        try {
            if (root instanceof Context context) {
                walk(context, "sluice", values);
            }
            return new Layer(ROOT, values);
        } catch (NamingException e) {
            return new Layer(ROOT, values, "cannot be read completely: " + e);
        }
    }

    private static void walk(Context context, String path, Map<String, String> values) throws NamingException {
        if (path.length() > 200) {
            throw new NamingException("the contexts contain each other, or are nested too deeply");
        }
        NamingEnumeration<Binding> bindings = context.listBindings("");
        try {
            while (bindings.hasMore()) {
                Binding binding = bindings.next();
                boolean isContext = binding.getObject() instanceof Context;
                String name = path + separator(path, binding.getName(), isContext) + binding.getName();
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

    private static char separator(String path, String name, boolean isContext) {
        boolean inAlias = path.startsWith(Options.MODELS);
        boolean inGroup = path.startsWith(Options.GROUPS) && (isContext || name.endsWith(".plan"));
        return inAlias || inGroup ? '/' : '.';
    }

    /** A lookup in JNDI, in production {@code InitialContext::doLookup}. */
    @FunctionalInterface
    public interface Lookup {
        @Nullable
        Object lookup(String name) throws NamingException;
    }
}
