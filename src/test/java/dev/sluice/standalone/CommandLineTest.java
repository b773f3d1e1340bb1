package dev.sluice.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.standalone.CommandLine.Command;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @Test
    void nothing_isThisMachineAt8080() throws Exception {
        assertThat(CommandLine.parse(List.of(), null))
                .isEqualTo(new CommandLine(Command.SERVE, "127.0.0.1", 8080, "/"));
    }

    @Test
    void options_areUnderstoodWithAndWithoutAnEqualsSign() throws Exception {
        CommandLine expected = new CommandLine(Command.SERVE, "0.0.0.0", 0, "/a/b-c.d");
        assertThat(CommandLine.parse(List.of("--port=0", "--host=0.0.0.0", "--context-path=/a/b-c.d"), null))
                .isEqualTo(expected);
        assertThat(CommandLine.parse(List.of("--port", "0", "--host", "0.0.0.0", "--context-path", "/a/b-c.d"), null))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"--help, HELP", "-h, HELP", "--version, VERSION"})
    void command_isTold(String option, Command command) throws Exception {
        assertThat(CommandLine.parse(List.of("--port=1", option), "nonsense of no account")
                        .command())
                .isEqualTo(command);
    }

    @Test
    void port_ofTheEnvironment_givesWayToTheOption() throws Exception {
        assertThat(CommandLine.parse(List.of(), "9090").port()).isEqualTo(9090);
        assertThat(CommandLine.parse(List.of(), "").port()).isEqualTo(8080);
        assertThat(CommandLine.parse(List.of("--port=7070"), "9090").port()).isEqualTo(7070);
        assertThat(CommandLine.parse(List.of("--port=7070"), "of no account").port())
                .isEqualTo(7070);
    }

    @Test
    void port_ofTheEnvironment_isNamedWhenItIsNone() {
        assertThatThrownBy(() -> CommandLine.parse(List.of(), "http"))
                .isInstanceOf(CommandLineException.class)
                .hasMessageContaining("environment variable PORT")
                .hasMessageContaining("http");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--prot=80",
                "80",
                "--port=",
                "--port=x",
                "--port=-1",
                "--port=65536",
                "--port",
                "--host=",
                "--host",
                "--context-path=",
                "--context-path=sluice",
                "--context-path=/sluice/",
                "--context-path=//",
                "--context-path=/a/../b",
                "--context-path=/a b",
                "--context-path=/%41",
                "--context-path=/a;b",
                "--context-path=/*"
            })
    void argument_thatIsNone_isNamedInOneLine(String argument) {
        String name = argument.replaceFirst("=.*", "");
        assertThatThrownBy(() -> CommandLine.parse(List.of(argument), null))
                .isInstanceOf(CommandLineException.class)
                .hasMessageContaining(name)
                .satisfies(fault -> assertThat(fault.getMessage()).hasLineCount(1));
    }
}
