package dev.sluice.dialect.responses;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.PassingTranslator;
import dev.sluice.sse.SseEncoder;
import org.jspecify.annotations.Nullable;

/**
 * Passes the events of a response of {@code /v1/responses} on, byte for byte. {@link EventScanner} recognizes most events.
 * Only the others are parsed. Events that follow the one that ends the response are passed on too, such as {@code [DONE]}.
 * Guarded by the stream's thread.
 */
final class PassedResponse extends PassingTranslator {
    private final EventScanner scanner = new EventScanner();
    private final EventReader reader;
    private long sequenceNumber = EventScanner.NO_NUMBER; // of the latest event
    private boolean begun; // an event of the response has come
    private boolean over; // the event that ends the response has come

    PassedResponse(AnswerContext context) {
        super(context);
        this.reader = new EventReader(context.words());
    }

    @Override
    protected Meaning event(SseEncoder out) {
        EventScanner.Kind kind = scan(decoder.data(), decoder.dataOffset(), decoder.dataLength());
        if (kind == EventScanner.Kind.UNKNOWN) {
            return readAndPass(out);
        }
        pass(out);
        read();
        begun = true;
        return switch (kind) {
            case TEXT, REASONING, PIECE -> Meaning.TOKEN;
            case ALIVE -> Meaning.COMMENT;
            default -> Meaning.LIFE;
        };
    }

    /**
     * Most events that are longer than the limit hold an image, and end nothing. The type in the data counts, if it is at
     * hand, or else that of the {@code event} field.
     */
    @Override
    protected boolean mayBeLastWord() {
        int end = decoder.eventOffset() + decoder.eventLength();
        LongEvent event = LongEvent.at(decoder.wire(), decoder.eventOffset(), end);
        long before = sequenceNumber;
        scan(decoder.wire(), event.data(), end - event.data());
        if (sequenceNumber == before && before != EventScanner.NO_NUMBER) {
            sequenceNumber++; // its number is behind the limit
        }
        begun = true;
        String type = scanner.isTyped() ? scanner.type(decoder.wire()) : event.named();
        return EventTypes.isWhole(type);
    }

    @Override
    protected boolean isLastWord() {
        return decoder.dataIs(EventTypes.LAST_WORD);
    }

    @Override
    protected @Nullable Failure unterminatedLastWord(SseEncoder out) {
        pass(out);
        return null;
    }

    @Override
    public boolean isFinished() {
        return over;
    }

    @Override
    protected boolean isOver() {
        return over;
    }

    @Override
    protected void tell(Failure reason, SseEncoder out) {
        out.event(EventTypes.ERROR, ErrorEvent.of(reason, sequenceNumber + 1));
    }

    private EventScanner.Kind scan(byte[] data, int offset, int length) {
        EventScanner.Kind kind = scanner.at(data, offset, length);
        if (scanner.sequenceNumber() != EventScanner.NO_NUMBER) {
            sequenceNumber = scanner.sequenceNumber();
        }
        return kind;
    }

    private Meaning readAndPass(SseEncoder out) {
        if (isLastWord()) {
            passLast(out);
            return Meaning.WHOLE;
        }
        ResponseEvent event = reader.read(decoder.data(), decoder.dataOffset(), decoder.dataLength(), named());
        if (event.usage() != null) {
            usage(event.usage());
        }
        Failure failure = event.failure();
        if (failure != null) {
            return failWithEvent(failure);
        }
        Failure complaint = event.complaint();
        if (complaint != null) {
            return complain(complaint, out);
        }
        pass(out);
        if (!event.type().isEmpty()) {
            read();
            begun = true;
            over |= event.isWhole();
        }
        return EventTypes.isPiece(event.type()) ? Meaning.TOKEN : Meaning.LIFE;
    }

    /**
     * Before the first event of the response, a complaint is a failure. Later, its event is passed on, and counts only if
     * the response does not become complete.
     */
    private Meaning complain(Failure complaint, SseEncoder out) {
        if (!begun && !isUnread()) {
            sayAgain();
            return failWithEvent(complaint);
        }
        complained(complaint);
        if (isSecret(decoder.text())) {
            aside(out);
            drop();
        } else {
            pass(out);
        }
        return Meaning.LIFE;
    }

    private String named() {
        return decoder.isTyped() ? decoder.type() : "";
    }
}
