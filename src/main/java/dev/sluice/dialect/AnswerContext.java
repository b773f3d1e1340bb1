package dev.sluice.dialect;

import java.util.function.BooleanSupplier;

/**
 * What a translator needs to know besides the request.
 *
 * @param words removes keys from a provider's texts before clients get them
 * @param maxEventBytes the size limit of one event
 * @param finishReasonIsOptional whether the provider may omit the {@code finish_reason}; called at the end of the
 *     answer, because only then it is certain which provider answers
 */
public record AnswerContext(ProviderWords words, int maxEventBytes, BooleanSupplier finishReasonIsOptional) {}
