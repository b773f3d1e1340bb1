package dev.sluice.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Creates self-signed certificates with {@code keytool}. */
final class Certificate {
    private Certificate() {}

    /** A self-signed certificate for this machine, in a key store with this password. */
    static Path selfSigned(Path directory, String password) throws IOException, InterruptedException {
        Path store = directory.resolve("store.p12");
        Path log = directory.resolve("keytool.log");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        password,
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || !Files.exists(store)) {
            keytool.destroyForcibly();
            throw new AssertionError("keytool made no certificate: " + Files.readString(log));
        }
        return store;
    }
}
