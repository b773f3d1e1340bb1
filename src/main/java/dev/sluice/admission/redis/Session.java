package dev.sluice.admission.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.relay.Clock;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the store. Scripts are sent in the order of {@link #send}, run in that order, and answered in that order.
 * Those of one turn of the thread go out together. If an answer is late, the connection is of no use any more.
 *
 * <p>Confined to the thread of the connection.
 */
final class Session implements RedisConnectionStateListener {
    /** The beginning of all keys. What is in braces makes a Redis Cluster keep all of them in one slot. */
    static final String PREFIX = "{sluice}:";

    static final byte[] NODES = (PREFIX + "nodes").getBytes(US_ASCII);

    /** Hears of the end of a connection. */
    interface Owner {
        /** The connection does not work any more, or is too slow. Called once. */
        void lost(Session session, String why);
    }

    private final EventLoop loop;
    private final StatefulRedisConnection<String, String> connection;
    private final Clock clock;
    private final Owner owner;
    private final LongConsumer onLatency;
    private final byte[] node;
    private final int number;
    private final byte[] numberText;

    /** The scripts that were sent whole, so that the store knows them. */
    private final Set<Script> known = EnumSet.noneOf(Script.class);

    /** Those that are not answered, in their order. */
    private final ArrayDeque<Step> unanswered = new ArrayDeque<>();

    /** Those that go out at the end of this turn. */
    private List<RedisCommand<String, String, ?>> outgoing = new ArrayList<>();

    /** Looks whether answers come in time; null while none is awaited. */
    private @Nullable Future<?> watch;

    /** When it looks. */
    private long watchDue;

    private boolean over;

    /**
     * @param number that of this connection of the node, 1 or more
     * @param onLatency is told how long each script took, in nanoseconds
     */
    Session(
            EventLoop loop,
            StatefulRedisConnection<String, String> connection,
            Clock clock,
            byte[] node,
            int number,
            Owner owner,
            LongConsumer onLatency) {
        this.loop = loop;
        this.connection = connection;
        this.clock = clock;
        this.owner = owner;
        this.onLatency = onLatency;
        this.node = node;
        this.number = number;
        this.numberText = Integer.toString(number).getBytes(US_ASCII);
        connection.addListener(this);
    }

    int number() {
        return number;
    }

    /** @param timeout how long the answer may take, in nanoseconds */
    void send(Step step, long timeout) {
        step.sent(clock.nanoTime(), timeout);
        unanswered.add(step);
        if (outgoing.isEmpty()) {
            loop.execute(this::flush);
        }
        outgoing.add(command(step, !known.add(step.script())));
        watch(step);
    }

    /** Closes the connection. Its owner hears nothing of it. @return those steps of which nobody knows whether they have run */
    List<Step> close() {
        over = true;
        CompletableFuture<Void> unused = connection.closeAsync();
        List<Step> open = List.copyOf(unanswered);
        unanswered.clear();
        outgoing.clear();
        return open;
    }

    /** Called by Lettuce. */
    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
        fail("it has closed the connection");
    }

    private void flush() {
        if (!over) {
            List<RedisCommand<String, String, ?>> commands = outgoing;
            outgoing = new ArrayList<>();
            connection.dispatch(commands);
        }
    }

    private RedisCommand<String, String, ?> command(Step step, boolean byHash) {
        CommandArgs<String, String> args = new CommandArgs<>(StringCodec.ASCII);
        args.add(byHash ? step.script().hash() : step.script().text());
        step.addTo(args, node, numberText);
        AsyncCommand<String, String, String> command = new AsyncCommand<>(new Command<>(
                byHash ? CommandType.EVALSHA : CommandType.EVAL, new ValueOutput<>(StringCodec.ASCII), args));
        CompletionStage<String> unused = command.whenComplete((text, fault) -> answered(step, text, fault));
        return command;
    }

    private void answered(Step step, @Nullable String text, @Nullable Throwable fault) {
        if (over) {
            return;
        }
        if (fault instanceof RedisNoScriptException) {
            // The store has dropped its scripts. Sent again, this one runs after those behind it.
            if (step.script() == Script.RESTORE) {
                fail("it has dropped its scripts");
                return;
            }
            unanswered.remove(step);
            known.remove(step.script());
            send(step, step.due() - step.sentAt());
            return;
        }
        if (fault != null) {
            fail(Trouble.of(fault));
            return;
        }
        Answer answer;
        try {
            answer = Answer.of(String.valueOf(text));
        } catch (IllegalArgumentException foreign) {
            fail("it has answered what no script of Sluice does");
            return;
        }
        if (answer.word().equals(Answer.UNKNOWN)) {
            fail("it has forgotten this node");
            return;
        }
        unanswered.remove(step);
        onLatency.accept(clock.nanoTime() - step.sentAt());
        step.answered(answer);
    }

    /** Sees to it that somebody looks when the answer to this step is due. */
    private void watch(Step step) {
        Future<?> set = watch;
        if (set == null || step.due() - watchDue < 0) {
            if (set != null) {
                set.cancel(false);
            }
            watchDue = step.due();
            watch = loop.schedule(this::look, watchDue - clock.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    /** Looks whether the first answer is late. What has come in the meantime was read before. */
    private void look() {
        watch = null;
        Step first = unanswered.peek();
        if (over || first == null) {
            return;
        }
        if (first.due() - clock.nanoTime() > 0) {
            watch(first);
            return;
        }
        fail("it did not answer within %d ms (sluice.shared.timeout)"
                .formatted(TimeUnit.NANOSECONDS.toMillis(first.due() - first.sentAt())));
    }

    private void fail(String why) {
        if (!over) {
            owner.lost(this, why);
        }
    }
}
