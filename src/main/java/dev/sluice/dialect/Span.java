package dev.sluice.dialect;

/** A range of bytes of a request's body: the index of the first one, and the index after the last one. */
public record Span(int from, int to) {}
