package dev.sluice.bench;

import dev.sluice.it.ArchivedJetty;
import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The time from the start of the process to the first token, as after a crash. */
record StartScenario(BenchOptions options) implements Scenario {
    @Override
    public String name() {
        return "start";
    }

    @Override
    public String description() {
        return "from the start of the gateway's process to the first token of a stream through it; from an archive, as "
                + "src/site/markdown/deploy/jetty.md says how, where an earlier run has written one";
    }

    @Override
    public boolean suits(String peer) {
        return !peer.equals("none");
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        Map<Figure, Double> figures = new LinkedHashMap<>();
        figures.put(Figure.compared("first token after s"), secondsToFirstToken(trial, trial::start));
        if (trial.subject().peer().equals("sluice")) {
            ArchivedJetty jetty = ArchivedJetty.prepare();
            secondsToFirstToken(trial, () -> ready(jetty.launchFirst(launch(trial))));
            figures.put(
                    Figure.of("from an archive s"),
                    secondsToFirstToken(trial, () -> ready(jetty.launch(launch(trial)))));
        }
        return figures;
    }

    private static double secondsToFirstToken(Trial trial, Start start) throws IOException {
        long begin = System.nanoTime();
        try (Peer peer = start.run();
                Crowd crowd = trial.crowd(peer)) {
            crowd.open(List.of(new Order(0, 1)), trial.checked());
            return (System.nanoTime() - begin) / 1e9;
        }
    }

    private Launch launch(Trial trial) {
        return Peer.launch(options, trial.upstream().base());
    }

    private static Peer ready(Container container) {
        container.awaitReady();
        return Peer.sluice("archived", container);
    }

    /** Starts a peer. */
    private interface Start {
        Peer run() throws IOException;
    }
}
