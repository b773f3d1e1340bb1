package dev.sluice.standalone;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LateSettingsTest {
    private static final String COMMAND = "org.eclipse.jetty.xml.XmlConfiguration jetty.base=/srv jetty.http.port=8080"
            + " /home/etc/jetty.xml /srv/etc/logging.xml";
    private static final String ENVIRONMENT = " --env ee10 -cp /srv/a.jar jetty.x=1 /home/etc/jetty-ee10-deploy.xml";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "java",
                "/opt/jetty/start.jar etc/more.xml jetty.http.port=9090",
                COMMAND,
                COMMAND + ENVIRONMENT,
                COMMAND + ENVIRONMENT + " --env core a.xml"
            })
    void refuse_settingsInFrontOfTheXmlFiles_passes(String command) {
        assertThatCode(() -> LateSettings.refuse(command)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {COMMAND, COMMAND + ENVIRONMENT})
    void refuse_settingBehindTheXmlFiles_namesItAndTheFix(String command) {
        assertThatThrownBy(() -> LateSettings.refuse(command + " jetty.http.port=9090"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("jetty.http.port=9090", "--dry-run");
    }
}
