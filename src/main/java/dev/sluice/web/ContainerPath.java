package dev.sluice.web;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From the request of the Servlet API down to something of its container's, whose types an application cannot name, step
 * by step. Stateless but for what it remembers of those types. Any thread.
 */
public final class Way {
    private final String container;
    private final List<Step> steps;

    /**
     * @param container what the names of its classes begin with
     * @param steps names of public methods without parameters; of fields with a dot before them
     */
    public Way(String container, String... steps) {
        this.container = container;
        this.steps = Stream.of(steps).map(name -> new Step(name)).toList();
    }

    /** Null if the request is another container's, or that of a version which has no such way, or nothing is there. */
    @Nullable
    public Object from(HttpServletRequest request) {
        Object at = unwrapped(request);
        if (!at.getClass().getName().startsWith(container)) {
            return null;
        }
        try {
            for (Step step : steps) {
                at = step.from(at);
                if (at == null) {
                    return null;
                }
            }
            return at;
        } catch (ReflectiveOperationException | RuntimeException anotherVersion) {
            return null;
        }
    }

    /** The container's own request, out of what hosts and their frameworks have put around it. */
    public static ServletRequest unwrapped(ServletRequest request) {
        ServletRequest inner = request;
        while (inner instanceof ServletRequestWrapper wrapper) {
            inner = wrapper.getRequest();
        }
        return inner;
    }

    /** One of them, which may also be taken by itself. */
    static final class Step {
        private final String name;
        private final Class<?>[] parameters;

        /** As many as a container has types for what has this member. */
        private final ConcurrentMap<Class<?>, AccessibleObject> members = new ConcurrentHashMap<>();

        Step(String name, Class<?>... parameters) {
            this.name = name;
            this.parameters = parameters;
        }

        @Nullable
        Object from(Object at, Object... arguments) throws ReflectiveOperationException {
            Class<?> type = at.getClass();
            AccessibleObject member = members.get(type);
            if (member == null) {
                member = name.startsWith(".") ? field(type, name.substring(1)) : type.getMethod(name, parameters);
                member.setAccessible(true); // a public method's class need not be public
                members.put(type, member);
            }
            return member instanceof Method method ? method.invoke(at, arguments) : ((Field) member).get(at);
        }

        private static Field field(Class<?> type, String name) throws NoSuchFieldException {
            for (Class<?> each = type; each != null; each = each.getSuperclass()) {
                for (Field field : each.getDeclaredFields()) {
                    if (field.getName().equals(name)) {
                        return field;
                    }
                }
            }
            throw new NoSuchFieldException(name);
        }
    }
}
