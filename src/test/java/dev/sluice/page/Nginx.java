package dev.sluice.page;

import dev.sluice.it.ReverseProxy;
import java.io.IOException;
import java.util.Map;

/** The machine's nginx with the configuration of these tests. */
final class Nginx {
    private Nginx() {}

    /** @param targets the ports that are taken, by their names in the configuration; all others are nginx's to open */
    static ReverseProxy start(Map<String, Integer> targets) throws IOException {
        return ReverseProxy.start(ReverseProxy.Kind.NGINX, "/page/doctor-nginx.conf", targets);
    }
}
