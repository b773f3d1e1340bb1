package dev.sluice.upstream;

/**
 * The header by which a provider knows Sluice. Immutable.
 *
 * @param header its name
 * @param value its value, with the key
 */
public record ApiKey(String header, String value) {
    /** As most APIs have it. */
    public static ApiKey bearer(String key) {
        return new ApiKey("Authorization", "Bearer " + key);
    }

    /** As Anthropic has it. */
    public static ApiKey plain(String key) {
        return new ApiKey("x-api-key", key);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "ApiKey[" + header + "]";
    }
}
