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
 * A chain of public methods and fields that leads from a request of the Servlet API to an object of its container, by
 * reflection, because an application cannot name the container's types. It caches reflected members only. Any thread may
 * call it.
 */
public final class ContainerPath {
    private final String container;
    private final List<Step> steps;

    /**
     * @param container the prefix of the names of the container's classes
     * @param steps the names of public methods without parameters, or of fields with a dot before them
     */
    public ContainerPath(String container, String... steps) {
        this.container = container;
        this.steps = Stream.of(steps).map(name -> new Step(name)).toList();
    }

    /** The object at the end; null if the container or its version has no such chain, or if a step returns null. */
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

    /** The container's own request, without the wrappers of the host and its frameworks. */
    public static ServletRequest unwrapped(ServletRequest request) {
        ServletRequest inner = request;
        while (inner instanceof ServletRequestWrapper wrapper) {
            inner = wrapper.getRequest();
        }
        return inner;
    }

    /** One member of the chain; it can also be used alone. */
    static final class Step {
        private final String name;
        private final Class<?>[] parameters;

        /** The reflected member for each class that has it; a container has few such classes. */
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
                member.setAccessible(true); // the class of a public method need not be public
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
