import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseParser } from '../../../webapp/js/server/sse.js';

const bytes = (text) => new TextEncoder().encode(text);

/** The events of a stream that comes in these pieces. */
function eventsOf(...pieces) {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.feed(typeof piece === 'string' ? bytes(piece) : piece));
}

const data = (...pieces) => eventsOf(...pieces).map((event) => event.data);

test('stream_cutAnywhere_isReadAsInOnePiece', () => {
  const stream = bytes(
    '\ufeff: hello\r\ndata: ü👍\r\ndata:  two\r\n\r\nevent: done\rid: 7\rdata\r\rdata:{"a":1}\n\n: beat\ndata: x\n\ndata: lost',
  );
  const whole = eventsOf(stream);
  assert.deepEqual(whole, [
    { type: 'message', data: 'ü👍\n two', lastEventId: '' },
    { type: 'done', data: '', lastEventId: '7' },
    { type: 'message', data: '{"a":1}', lastEventId: '7' },
    { type: 'message', data: 'x', lastEventId: '7' },
  ]);
  for (let at = 0; at <= stream.length; at++) {
    assert.deepEqual(eventsOf(stream.subarray(0, at), stream.subarray(at)), whole, `cut at ${at}`);
  }
  assert.deepEqual(eventsOf(...Array.from(stream, (byte) => Uint8Array.of(byte))), whole, 'byte by byte');
});

test('lineFeed_afterACarriageReturn_endsNoLineOfItsOwn', () => {
  assert.deepEqual(data('data: a\r', '\ndata: b\r', '\n\r', '\n'), ['a\nb']);
  assert.deepEqual(data('data: a\r\rdata: b\n\r\n'), ['a', 'b']);
});

test('fields_areReadAsTheStandardSays', () => {
  assert.deepEqual(data('data:a\ndata: b\ndata:  c\ndata\n\n'), ['a\nb\n c\n']);
  assert.deepEqual(data('datax: 1\n data: 2\nretry: 3\nDATA: 4\n\n'), []);
  assert.deepEqual(
    eventsOf('event: a\n\ndata: 1\n\nevent: b\nevent: c\ndata: 2\n\n').map(({ type }) => type),
    ['message', 'c'],
    'the type of an event without data is forgotten',
  );
  assert.deepEqual(
    eventsOf('id: 1\n\ndata: x\n\nid: 2\0\ndata: y\n\nid\ndata: z\n\n').map(({ lastEventId }) => lastEventId),
    ['1', '1', ''],
  );
});

test('eventWithoutItsBlankLine_isDiscarded', () => {
  assert.deepEqual(data('data: a\n'), []);
  assert.deepEqual(data('data: a\n\ndata: b'), ['a']);
});

test('malformedBytes_becomeReplacementCharacters', () => {
  assert.deepEqual(data(Uint8Array.of(...bytes('data: a'), 0xff, ...bytes('b\n\n'))), ['a\ufffdb']);
});

test('comments_areToldWithoutTheirColon', () => {
  const comments = [];
  new SseParser((text) => comments.push(text)).feed(bytes(': keep-alive\n:\n:x\n\ndata: 1\n\n'));
  assert.deepEqual(comments, [' keep-alive', '', 'x']);
});

test('held_isWhatHasComeOfAnEvent_andNothingAfterIt', () => {
  const parser = new SseParser();
  parser.feed(bytes('data: 12345\nda'));
  assert.equal(parser.held, 5 + 1 + 2);
  parser.feed(bytes('ta: 6\n\n'));
  assert.equal(parser.held, 0);
});
