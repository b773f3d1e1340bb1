package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The changes to a request's JSON. Used by one thread. */
public final class Edits {
    private final RequestFields fields;
    private final List<String> added = new ArrayList<>();
    private final List<Edit> edits = new ArrayList<>();

    private record Edit(Span place, String json) {}

    Edits(RequestFields fields) {
        this.fields = fields;
    }

    /** Adds a member to the outermost object, such as {@code "store":false}. */
    public void add(String member) {
        added.add(member);
    }

    /** Replaces a range of bytes by JSON. The range may be empty. */
    public void replace(Span place, String json) {
        edits.add(new Edit(place, json));
    }

    /** The body in {@code json} with all changes. */
    List<ByteBuffer> in(byte[] json) {
        if (!added.isEmpty()) {
            String members = String.join(",", added) + (fields.names().isEmpty() ? "" : ",");
            edits.add(new Edit(new Span(fields.inside(), fields.inside()), members));
        }
        edits.sort(Comparator.comparingInt(edit -> edit.place().from()));
        List<ByteBuffer> slices = new ArrayList<>();
        int at = fields.body().from();
        for (Edit edit : edits) {
            slices.add(slice(json, at, edit.place().from()));
            slices.add(ByteBuffer.wrap(edit.json().getBytes(UTF_8)));
            at = edit.place().to();
        }
        slices.add(slice(json, at, fields.body().to()));
        return slices;
    }

    private static ByteBuffer slice(byte[] json, int from, int to) {
        return ByteBuffer.wrap(json, from, to - from).slice();
    }
}
