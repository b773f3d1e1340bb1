package dev.sluice.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTypeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json                                        | JSON | UTF-8",
                "Application/JSON;charset=utf-8                          | JSON | UTF-8",
                "application/json; charset=utf-16                        | JSON | UTF-8",
                "application/json; charset=klingon                       | JSON | UTF-8",
                "application/x-www-form-urlencoded                       | FORM | UTF-8",
                "application/x-www-form-urlencoded; charset=windows-1252 | FORM | windows-1252",
                "text/plain                                              | TEXT | UTF-8",
                "text/plain;charset=ISO-8859-1                           | TEXT | ISO-8859-1",
                "TEXT/PLAIN ; format=flowed ; CharSet=\"utf-16le\"       | TEXT | UTF-16LE",
                "text/plain;                                             | TEXT | UTF-8",
            })
    void type_ofOurs_isUnderstood(String header, BodyType.Format format, String charset) {
        assertThat(BodyType.of(header)).as(header).isEqualTo(new BodyType(format, Charset.forName(charset)));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "text/html",
                "text/plainer",
                "application/json-patch+json",
                "multipart/form-data; boundary=x",
                "; charset=utf-8",
                "text/plain; charset=klingon",
                "text/plain; charset=",
                "text/plain; charset=\"",
                "text/plain; charset=../etc",
                "application/x-www-form-urlencoded; charset=no such",
            })
    void type_ofOthers_isNone(String header) {
        assertThat(BodyType.of(header)).as(header).isNull();
    }
}
