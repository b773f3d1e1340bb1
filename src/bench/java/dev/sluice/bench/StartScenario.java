package dev.sluice.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** From nothing to the first token, as after a crash. */
record StartScenario(Options options) implements Scenario {
    @Override
    public String name() {
        return "start";
    }

    @Override
    public String description() {
        return "from the start of the gateway's process to the first token of a stream through it";
    }

    @Override
    public boolean suits(String peer) {
        return !peer.equals("none");
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        long begin = System.nanoTime();
        try (Peer peer = trial.start();
                Crowd crowd = trial.crowd(peer)) {
            crowd.open(List.of(new Order(0, 1)), trial.checked());
            return Map.of(Figure.compared("first token after s"), (System.nanoTime() - begin) / 1e9);
        }
    }
}
