package dev.sluice.dialect;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How a dialect lists models, where that differs from OpenAI's list. Any thread may call it. */
public interface ModelShape {
    /** The request header, in lower case, by which clients of the dialect are known. */
    String header();

    /**
     * The list as a response body in UTF-8.
     *
     * @param parameter a parameter of the request's query by its name; null if there is none
     */
    byte[] list(ModelList models, UnaryOperator<@Nullable String> parameter);

    /** One model as a response body in UTF-8. */
    byte[] one(ModelList.Model model);
}
