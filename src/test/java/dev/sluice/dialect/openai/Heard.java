package dev.sluice.dialect.openai;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records the calls, one line for each, and the texts. */
class Heard implements CompletionListener {
    final List<String> calls = new ArrayList<>();
    final StringBuilder content = new StringBuilder();
    final StringBuilder reasoning = new StringBuilder();
    final List<String> finished = new ArrayList<>();
    boolean toolCalled;
    boolean done;

    @Nullable
    Usage usage;

    @Nullable
    Failure failure;

    @Override
    public void content(char[] text, int offset, int length) {
        calls.add("content " + new String(text, offset, length));
        content.append(text, offset, length);
    }

    @Override
    public void reasoning(char[] text, int offset, int length) {
        calls.add("reasoning " + new String(text, offset, length));
        reasoning.append(text, offset, length);
    }

    @Override
    public void toolCall() {
        calls.add("toolCall");
        toolCalled = true;
    }

    @Override
    public void finished(int choice, String reason) {
        calls.add("finished " + choice + " " + reason);
        finished.add(choice + " " + reason);
    }

    @Override
    public void choice(int index) {
        calls.add("choice " + index);
    }

    @Override
    public void usage(Usage cost) {
        calls.add("usage " + cost.promptTokens() + "+" + cost.completionTokens() + "+" + cost.reasoningTokens() + "="
                + cost.totalTokens());
        usage = cost;
    }

    @Override
    public void done() {
        calls.add("done");
        done = true;
    }

    @Override
    public void failed(Failure fault) {
        calls.add("failed " + fault.status() + " " + fault.code());
        failure = fault;
    }

    @Override
    public void complained(Failure reason) {
        calls.add("complained " + reason.status() + " " + reason.code());
        failure = reason;
    }

    @Override
    public void unreadable(Failure reason) {
        calls.add("unreadable " + reason.status() + " " + reason.code());
        failure = reason;
    }
}
