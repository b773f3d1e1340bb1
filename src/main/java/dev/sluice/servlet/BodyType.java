package dev.sluice.servlet;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The type of a request body. Immutable.
 *
 * @param charset the charset of its text; for JSON always UTF-8
 */
record BodyType(Format format, Charset charset) {
    enum Format {
        JSON,
        FORM,
        TEXT
    }

    /** The type that a {@code Content-Type} names; null if it is not supported. */
    static @Nullable BodyType of(@Nullable String contentType) {
        if (contentType == null) {
            return null;
        }
        String[] parts = contentType.split(";", -1);
        Format format =
                switch (parts[0].strip().toLowerCase(Locale.ROOT)) {
                    case "application/json" -> Format.JSON;
                    case "application/x-www-form-urlencoded" -> Format.FORM;
                    case "text/plain" -> Format.TEXT;
                    default -> null;
                };
        if (format == null) {
            return null;
        }
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (format != Format.JSON && parameter.toLowerCase(Locale.ROOT).startsWith("charset=")) {
                Charset charset = charset(parameter.substring("charset=".length()));
                return charset == null ? null : new BodyType(format, charset);
            }
        }
        return new BodyType(format, StandardCharsets.UTF_8);
    }

    private static @Nullable Charset charset(String name) {
        try {
            return Charset.forName(name.replace("\"", "").strip());
        } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
            return null;
        }
    }
}
