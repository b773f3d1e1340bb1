package dev.sluice.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;

/** Creates self-signed certificates with {@code keytool}. */
final class Certificate {
    private Certificate() {}

    /** A self-signed certificate for this machine, in a key store with this password. */
    static Path selfSigned(Path directory, String password) throws IOException, InterruptedException {
        return selfSigned(directory.resolve("store.p12"), password, "CN=localhost", "2020/01/01 00:00:00", 10_000);
    }

    /** One for this subject that only its own store vouches for, in a store with this password. */
    static Path selfSigned(Path store, String password, String subject, String from, int days)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile(store.toAbsolutePath().getParent(), "keytool", ".log");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        subject,
                        "-startdate",
                        from,
                        "-validity",
                        String.valueOf(days),
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

    /** Adds the one of a store to those that another store vouches for, which need not exist; both have this password. */
    static void trust(Path store, Path trusting, String password) throws IOException {
        try {
            KeyStore from = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                from.load(in, password.toCharArray());
            }
            KeyStore to = KeyStore.getInstance("PKCS12");
            if (Files.exists(trusting)) {
                try (InputStream in = Files.newInputStream(trusting)) {
                    to.load(in, password.toCharArray());
                }
            } else {
                to.load(null, null);
            }
            to.setCertificateEntry(String.valueOf(store.getFileName()), from.getCertificate("server"));
            try (OutputStream out = Files.newOutputStream(trusting)) {
                to.store(out, password.toCharArray());
            }
        } catch (GeneralSecurityException broken) {
            throw new AssertionError("keytool made a store that cannot be read", broken);
        }
    }
}
