package dev.sluice.dialect.openai;

/** Where a choice of a chunk has its piece of the answer. */
enum ChunkForm {
    /** Chat completions: in {@code delta}. */
    CHAT,
    /** The older completions: in {@code text}. */
    TEXT
}
