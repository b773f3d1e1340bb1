package dev.sluice.bench;

import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reverse proxy that is installed on the machine, configured for ten thousand streams: two worker threads, no buffering,
 * persistent connections to the upstream, and timeouts longer than a run. Any thread may call it.
 */
enum NativeProxy {
    NGINX("nginx", "nginx") {
        @Override
        List<String> arguments(Path directory, Path file) {
            return List.of("-p", directory + "/", "-c", file.toString());
        }

        /** Enough connections for both sides of all streams, even if one worker gets them all. */
        @Override
        String configuration(int port, String upstream) {
            return """
                    daemon off;
                    worker_processes 2;
                    worker_rlimit_nofile 24000;
                    pid nginx.pid;
                    lock_file nginx.lock;
                    error_log stderr;

                    events {
                        worker_connections 20480;
                    }

                    http {
                        access_log off;
                        client_body_temp_path client;
                        proxy_temp_path proxy;
                        fastcgi_temp_path fastcgi;
                        uwsgi_temp_path uwsgi;
                        scgi_temp_path scgi;
                        keepalive_timeout 1h;
                        keepalive_requests 1000000000;
                        send_timeout 1h;

                        upstream provider {
                            server @upstream@;
                            keepalive 1024;
                            keepalive_timeout 1h;
                            keepalive_requests 1000000000;
                        }

                        server {
                            listen 127.0.0.1:@port@ backlog=4096;
                            location /v1/ {
                                proxy_pass http://provider;
                                proxy_http_version 1.1;
                                proxy_set_header Connection "";
                                proxy_buffering off;
                                proxy_read_timeout 1h;
                                proxy_send_timeout 1h;
                            }
                        }
                    }
                    """.replace("@port@", Integer.toString(port)).replace("@upstream@", upstream);
        }
    },

    HAPROXY("HAProxy", "haproxy") {
        @Override
        List<String> arguments(Path directory, Path file) {
            return List.of("-db", "-f", file.toString());
        }

        /** If the machine allows fewer file descriptors, HAProxy starts all the same. */
        @Override
        String configuration(int port, String upstream) {
            return """
                    global
                        nbthread 2
                        maxconn 11000
                        no strict-limits

                    defaults
                        mode http
                        maxconn 11000
                        backlog 4096
                        option http-no-delay
                        http-reuse always
                        timeout connect 10s
                        timeout client 1h
                        timeout server 1h
                        timeout http-request 1h
                        timeout http-keep-alive 1h

                    listen gateway
                        bind 127.0.0.1:@port@
                        http-request deny deny_status 404 unless { path_beg /v1/ }
                        server provider @upstream@
                    """.replace("@port@", Integer.toString(port)).replace("@upstream@", upstream);
        }
    };

    private static final Pattern VERSION = Pattern.compile("\\d+(\\.\\d+)+");

    /** The versions that the programs print. Each is asked once, so that no measured start includes it. */
    private static final Map<NativeProxy, Optional<String>> VERSIONS = new ConcurrentHashMap<>();

    private final String label;
    private final String program;

    NativeProxy(String label, String program) {
        this.label = label;
        this.program = program;
    }

    abstract List<String> arguments(Path directory, Path file);

    abstract String configuration(int port, String upstream);

    /** The message about a missing program, with the way to install it. */
    Optional<String> missing() {
        return version().isPresent()
                ? Optional.empty()
                : Optional.of("no program " + program + " can be started; install it (apt-get install " + program
                        + ") or put it on the PATH");
    }

    Peer start(URI upstream) throws IOException {
        int port = ServerProcess.freePort();
        Path directory = ServerProcess.newDirectory(program);
        Path file =
                Files.writeString(directory.resolve(program + ".conf"), configuration(port, upstream.getAuthority()));
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(arguments(directory, file));
        ServerProcess process = ServerProcess.start(label, command, Map.of(), directory);
        return Peer.listening(label + " " + version().orElse("of no known version"), port, process);
    }

    private Optional<String> version() {
        return VERSIONS.computeIfAbsent(this, NativeProxy::ask);
    }

    private static Optional<String> ask(NativeProxy proxy) {
        try {
            Process process = new ProcessBuilder(proxy.program, "-v")
                    .redirectErrorStream(true)
                    .start();
            try (var out = process.getInputStream()) {
                Matcher version = VERSION.matcher(new String(out.readAllBytes(), StandardCharsets.UTF_8));
                return version.find() ? Optional.of(version.group()) : Optional.empty();
            }
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
