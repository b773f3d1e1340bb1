import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxiesIn, requestHeaders } from '../../../webapp/js/doctor/proxies.js';
import { SETTINGS } from '../../../webapp/js/doctor/settings.js';

/** Who gives itself away by these headers of the answer, and of the request as the server saw it. */
const idsIn = (answer, request = {}) => proxiesIn(recording(answer, request)).map(({ id }) => id);
const recording = (answer, request) => ({ headers: Object.entries(answer), hello: { headers: request } });

for (const [answer, request, ids] of [
  [{ server: 'nginx/1.26.3' }, {}, ['nginx']],
  [{ server: 'Apache/2.4.62 (Debian)' }, {}, ['httpd']],
  [{ server: 'Apache-Coyote/1.1' }, {}, []], // Tomcat itself
  [{ via: '1.1 varnish (Varnish/7.7)', 'x-varnish': '32770' }, {}, ['varnish']],
  [{ server: 'Caddy' }, {}, ['caddy']],
  [{}, { 'X-Forwarded-Server': ['traefik-7d5f'] }, ['traefik']],
  [{}, { 'X-Scheme': 'https' }, ['nginx']],
  [{ 'x-powered-by': 'ARR/3.0' }, {}, ['iis']],
  [{}, { 'X-Amzn-Trace-Id': 'Root=1' }, ['alb']],
  [{ server: 'cloudflare', 'cf-ray': '1-ZRH' }, { via: '1.1 nginx' }, ['nginx', 'cloudflare']],
  [{ via: '1.1 proxy (squid/6.1)' }, {}, ['corporate']],
  [{}, { 'x-forwarded-for': '10.0.0.1' }, [null]],
  [{ via: '1.1 somebody' }, {}, [null]],
  [{ server: 'Jetty(12.0.1)' }, {}, []],
]) {
  test(`headers_${JSON.stringify([answer, request])}_tellOf_${ids}`, () => {
    assert.deepEqual(idsIn(answer, request), ids);
  });
}

test('evidence_isEachHeaderOnce_asItWas', () => {
  const [{ name, evidence }] = proxiesIn(recording({ via: '1.1 nginx', server: 'nginx' }, { via: '1.1 nginx' }));
  assert.equal(name, 'nginx');
  assert.deepEqual(evidence, ['server: nginx', 'via: 1.1 nginx']);
});

test('everyProxyThatIsKnown_hasSettings', () => {
  Object.entries(SETTINGS).forEach(([id, { name, flow, compression, silence }]) => {
    assert.ok(id === 'corporate' || (name && (flow || compression || silence)), id);
  });
});

test('requestHeaders_areByNameInLowerCase_andNothingWhereTheServerToldNone', () => {
  assert.deepEqual([...requestHeaders({ hello: { headers: { Via: ['a', 'b'] } } })], [['via', 'a, b']]);
  assert.equal(requestHeaders({ hello: null }).size, 0);
  assert.equal(requestHeaders({ hello: { headers: 'x' } }).size, 0);
});
