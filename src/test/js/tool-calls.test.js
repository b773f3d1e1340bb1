import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToolCalls } from '../../../webapp/js/chat/tool-calls.js';
import { piecesOf } from '../../../webapp/js/server/delta.js';

/** The tool calls that come of these deltas, each `id:name(arguments)`. */
for (const [deltas, calls] of [
  [
    '[[{"index":0,"id":"a","function":{"name":"f","arguments":""}}],[{"index":0,"function":{"arguments":"{}"}}]]',
    'a:f({})',
  ],
  ['[[{"index":"__proto__","id":"a","function":{"name":"f","arguments":"{}"}}]]', 'a:f({})'],
  ['[[{"index":"constructor","function":{"name":"f","arguments":"{}"}}]]', ':f({})'],
  [
    '[[{"index":1e9,"id":"a","function":{"name":"f","arguments":"{"}}],[{"index":1e9,"function":{"arguments":"}"}}]]',
    'a:f({})',
  ],
  [
    '[[{"index":-1,"id":"a","function":{"name":"f","arguments":"{}"}}],[{"index":0.5,"id":"b","function":{"name":"g","arguments":"[]"}}]]',
    'a:f({}) b:g([])',
  ],
  [
    '[[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"f","arguments":"{}"}}]]',
    'a:f({}) b:f({})',
  ],
  [
    '[[{"function":{"name":"f","arguments":"{\\"n\\":1}"}}],[{"function":{"name":"f","arguments":"{\\"n\\":2}"}}]]',
    ':f({"n":1}) :f({"n":2})',
  ],
  ['[[{"id":"a","function":{"name":"f","arguments":"{"}}],[{"function":{"arguments":"}"}}]]', 'a:f({})'],
  [
    '[[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}],[{"index":0,"id":"b","function":{"name":"f","arguments":"[]"}}]]',
    'a:f({}) b:f([])',
  ],
  [
    '[[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}],[{"index":0,"id":"b","function":{"arguments":"}"}}]]',
    'a:f({})',
  ],
  [
    '[[{"index":2,"id":"a","function":{"name":"f","arguments":"{}"}}],[{"index":7,"id":"b","function":{"name":"g","arguments":"{}"}}]]',
    'a:f({}) b:g({})',
  ],
  [
    '[[{"index":0,"id":"a","function":{"name":"f"}}],[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}],[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]]',
    'a:f({})',
  ],
  [
    '[[{"index":0,"id":"a","function":{"name":"get_"}}],[{"index":0,"function":{"name":"time","arguments":"{}"}}]]',
    'a:get_time({})',
  ],
  ['[[{"index":0,"id":"a","function":{"name":"f","arguments":{"city":"Bern"}}}]]', 'a:f({"city":"Bern"})'],
  [
    '[[{"index":0,"function":{"name":"f","arguments":{"a":1}}}],[{"index":0,"function":{"arguments":{"a":1}}}]]',
    ':f({"a":1})',
  ],
  ['[[{"index":0,"id":"a","type":"custom","custom":{"name":"f","input":"x"}}]]', 'a:f(x)'],
  ['[[null,7,"x",[],{},{"function":null},{"index":0,"id":5,"function":{"name":{},"arguments":3}}]]', '5:()'],
]) {
  test(`deltas_${deltas}_becomeWholeCallsInTheOrderInWhichTheyBegin`, () => {
    const list = [];
    const together = new ToolCalls(list);
    JSON.parse(deltas).forEach((each) => piecesOf({ tool_calls: each }).toolCalls.forEach((piece) => together.add(piece)));
    assert.equal(list.map((call) => `${call.id}:${call.name}(${call.arguments})`).join(' '), calls);
    assert.deepEqual([...Object.keys(Array.prototype), ...Object.keys(Object.prototype)], [], 'what is soiled');
  });
}
