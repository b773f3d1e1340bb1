package dev.sluice.it;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a start of Sluice in a container.
 *
 * @param settings settings of Sluice, as system properties
 * @param options JVM options
 * @param environment environment variables, beside the inherited ones
 * @param redeployable whether the application can be undeployed and deployed again while the container runs
 * @param poolThreads the most threads of the container's pool; 0 leaves it to the container
 * @param neighbour the directory of another application, which Tomcat is to serve as {@code /neighbour}, if any;
 *     it may name {@code ${neighbour.base}}, where the server answers
 */
public record Launch(
        Map<String, String> settings,
        List<String> options,
        Map<String, String> environment,
        boolean redeployable,
        int poolThreads,
        @Nullable Path neighbour) {
    /** Sluice with its defaults, so that the simulator answers. */
    public static Launch plain() {
        return new Launch(Map.of(), List.of(), Map.of(), false, 0, null);
    }

    /** Sluice in front of the upstream with this base URL. */
    public static Launch at(URI upstream) {
        return plain().with("sluice.upstream.url", upstream.toString()).with("sluice.chat.model", "test");
    }

    public Launch with(String setting, String value) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put(setting, value);
        return new Launch(all, options, environment, redeployable, poolThreads, neighbour);
    }

    public Launch option(String option) {
        List<String> all = new ArrayList<>(options);
        all.add(option);
        return new Launch(settings, all, environment, redeployable, poolThreads, neighbour);
    }

    Launch env(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.put(name, value);
        return new Launch(settings, options, all, redeployable, poolThreads, neighbour);
    }

    Launch asRedeployable() {
        return new Launch(settings, options, environment, true, poolThreads, neighbour);
    }

    Launch poolThreads(int most) {
        return new Launch(settings, options, environment, redeployable, most, neighbour);
    }

    public Launch beside(Path application) {
        return new Launch(settings, options, environment, redeployable, poolThreads, application);
    }

    /** The arguments of the JVM that follow from these parameters. */
    List<String> arguments() {
        List<String> all = new ArrayList<>();
        all.add("-XX:TieredStopAtLevel=1"); // so short a life is not worth the optimising compiler: half the time to
        // start
        all.addAll(options);
        settings.forEach((name, value) -> all.add("-D" + name + "=" + value));
        return all;
    }
}
