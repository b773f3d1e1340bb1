import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { csrfHeader } from '../../../webapp/js/server/csrf.js';

/** A page with these meta tags and cookies. */
function page(metas, cookie = '') {
  globalThis.document = {
    querySelector: (selector) => {
      const name = /^meta\[name="(.+)"\]$/.exec(selector)[1];
      return name in metas ? { content: metas[name] } : null;
    },
    cookie,
  };
}

afterEach(() => {
  delete globalThis.document;
});

for (const [metas, cookie, header] of [
  [{}, '', {}],
  [{}, 'a=b; XSRF-TOKEN=abc%2Bdef; c=d', { 'X-XSRF-TOKEN': 'abc+def' }],
  [{}, 'XSRF-TOKEN="abc"', { 'X-XSRF-TOKEN': 'abc' }],
  [{}, 'XSRF-TOKEN=100%', { 'X-XSRF-TOKEN': '100%' }],
  [{}, 'MY-XSRF-TOKEN=abc', {}],
  [{}, 'XSRF-TOKEN=a%0Ab', {}],
  [{ _csrf: 'abc' }, 'XSRF-TOKEN=other', { 'X-CSRF-TOKEN': 'abc' }],
  [{ _csrf: ' abc ', _csrf_header: 'X-Host-Token' }, '', { 'X-Host-Token': 'abc' }],
  [{ _csrf: 'abc', _csrf_header: 'X Host: Token' }, '', {}],
  [{ _csrf: '' }, 'XSRF-TOKEN=other', { 'X-XSRF-TOKEN': 'other' }],
]) {
  test(`tokensOf_${JSON.stringify(metas)}_and_${cookie}_becomeTheHeaderThatTheyName_orNone`, () => {
    page(metas, cookie);
    assert.deepEqual(csrfHeader(), header);
  });
}
