package dev.sluice.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Jetty that starts faster, as the documents describe: with an unpacked WAR, with the command that start.jar has printed
 * once, and with an archive of the classes (class data sharing) that a first run writes.
 *
 * @param war unpacked
 * @param arguments a file with Jetty's part of the command
 * @param archive a file that the first run writes at its end
 * @param base where Jetty answers
 */
public record ArchivedJetty(Path war, Path arguments, Path archive, URI base) {
    private static final int FIRST_WITH_AOT_CACHE = 25;

    /** Unpacks the WAR and has start.jar print the command. */
    public static ArchivedJetty prepare() throws IOException {
        Path directory = ServerProcess.newDirectory("archive");
        Path war = directory.resolve("sluice");
        unpack(Path.of(ServerProcess.property("test.war")), war);
        URI base = URI.create("http://127.0.0.1:" + ServerProcess.freePort());
        List<String> command = List.of(
                ServerProcess.java(),
                "-Djava.io.tmpdir=" + directory,
                "-jar",
                ServerProcess.property("test.jetty.home") + "/start.jar",
                "jetty.base=" + ServerProcess.property("test.jetty.base"),
                "jetty.http.port=" + base.getPort(),
                "--dry-run=opts,path,main,args,envs");
        ServerProcess start = ServerProcess.start("start.jar", command, Map.of(), directory);
        if (start.awaitExit(Container.START) != 0) {
            throw new AssertionError(start.tail());
        }
        Path arguments = Files.writeString(directory.resolve("sluice.args"), start.log());
        return new ArchivedJetty(war, arguments, directory.resolve("sluice.jsa"), base);
    }

    /** Starts the run that writes the archive when it is stopped. It should answer a request before that. */
    public Container launchFirst(Launch launch) throws IOException {
        return launch(launch, hasAotCache() ? "AOTCacheOutput" : "ArchiveClassesAtExit");
    }

    /** Starts a run that uses the archive. */
    public Container launch(Launch launch) throws IOException {
        return launch(launch, hasAotCache() ? "AOTCache" : "SharedArchiveFile");
    }

    /** The output of a run with this argument behind its command, which has to end by itself. */
    String refusal(String argument) throws IOException {
        List<String> command = List.of(ServerProcess.java(), "-Djetty.sluice.war=" + war, "@" + arguments, argument);
        ServerProcess process = ServerProcess.start("Jetty", command, Map.of(), ServerProcess.newDirectory("jetty"));
        if (process.awaitExit(Container.START) == 0) {
            throw new AssertionError("It ended well\n" + process.tail());
        }
        return process.log();
    }

    private Container launch(Launch launch, String option) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ServerProcess.java());
        command.add("@" + ServerProcess.property("test.jetty.base") + "/jvm.args");
        command.addAll(launch.arguments());
        command.add("-XX:" + option + "=" + archive);
        command.add("-Djetty.sluice.war=" + war);
        command.add("@" + arguments);
        Path directory = ServerProcess.newDirectory("jetty");
        ServerProcess process = ServerProcess.start("Jetty", command, launch.environment(), directory);
        return new JettyContainer(process, base, directory.resolve("webapps"));
    }

    private static void unpack(Path war, Path target) throws IOException {
        try (FileSystem files = FileSystems.newFileSystem(war);
                Stream<Path> all = Files.walk(files.getPath("/"))) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.copy(path, target.resolve(path.toString().substring(1)));
            }
        }
    }

    /** Later JVMs keep more than classes, under another name. */
    private static boolean hasAotCache() {
        return Runtime.version().feature() >= FIRST_WITH_AOT_CACHE;
    }
}
