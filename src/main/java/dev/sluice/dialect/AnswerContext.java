package dev.sluice.dialect;

import java.util.function.BooleanSupplier;

/**
 * What a translator must know beside the request that is answered.
 *
 * @param words keeps keys out of what clients read
 * @param maxEventBytes the longest event that is read
 * @param finishReasonIsOptional whether who answers may end an answer without a reason why it ends; asked at its end,
 *     when it is known who that is
 */
public record AnswerContext(ProviderWords words, int maxEventBytes, BooleanSupplier finishReasonIsOptional) {}
