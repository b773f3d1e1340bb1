package dev.sluice.page;

import dev.sluice.it.ReverseProxy;
import java.io.IOException;
import java.util.Map;

/** The nginx on this machine, with the configuration of these tests. */
final class Nginx {
    private Nginx() {}

    /** @param targets the ports of running servers by their names in the configuration; nginx opens all others */
    static ReverseProxy start(Map<String, Integer> targets) throws IOException {
        return ReverseProxy.start(ReverseProxy.Kind.NGINX, "/page/doctor-nginx.conf", targets);
    }
}
