package dev.sluice.dialect;

/** Bytes of a request's body, from the first to behind the last. */
public record Span(int from, int to) {}
