import { SETTINGS } from './settings.js';
import { headerOf } from './verdict.js';

/**
 * The headers by which proxies can be detected: those of the response (`answer`), and those of the request as the server has
 * received it (`request`), which the first event contains. The first header of a list is the most reliable.
 */
const SIGNS = {
  nginx: {
    answer: [
      ['server', /\b(nginx|openresty|tengine)\b/i],
      ['via', /\bnginx\b/i],
    ],
    // What ingress-nginx adds, and nobody else.
    request: [
      ['x-scheme', /./],
      ['x-forwarded-scheme', /./],
      ['via', /\bnginx\b/i],
    ],
  },
  httpd: {
    answer: [
      ['server', /^Apache(?!-Coyote)/i],
      ['via', /\bApache\b/i],
    ],
    request: [['via', /\bApache\b/i]],
  },
  haproxy: {
    answer: [
      ['server', /\bhaproxy\b/i],
      ['via', /\bhaproxy\b/i],
    ],
    request: [
      ['via', /\bhaproxy\b/i],
      ['x-haproxy-server-state', /./],
    ],
  },
  varnish: {
    answer: [
      ['x-varnish', /./],
      ['via', /\bvarnish\b/i],
    ],
    request: [
      ['x-varnish', /./],
      ['via', /\bvarnish\b/i],
    ],
  },
  caddy: {
    answer: [
      ['server', /\bcaddy\b/i],
      ['via', /\bcaddy\b/i],
    ],
    request: [['via', /\bcaddy\b/i]],
  },
  envoy: {
    answer: [
      ['server', /\benvoy\b/i],
      ['x-envoy-upstream-service-time', /./],
      ['via', /\benvoy\b/i],
    ],
    request: [
      ['x-envoy-expected-rq-timeout-ms', /./],
      ['x-envoy-external-address', /./],
      ['x-envoy-internal', /./],
      ['x-envoy-attempt-count', /./],
    ],
  },
  traefik: {
    answer: [['server', /\btraefik\b/i]],
    request: [['x-forwarded-server', /traefik/i]],
  },
  iis: {
    answer: [
      ['x-powered-by', /\bARR\//i],
      ['server', /\bMicrosoft-IIS\b/i],
      ['x-powered-by', /\bASP\.NET\b/i],
    ],
    request: [
      ['x-arr-log-id', /./],
      ['x-arr-ssl', /./],
    ],
  },
  alb: {
    answer: [['server', /\bawselb\b/i]],
    request: [['x-amzn-trace-id', /./]],
  },
  cloudfront: {
    answer: [
      ['x-amz-cf-id', /./],
      ['x-amz-cf-pop', /./],
      ['via', /\bcloudfront\b/i],
      ['x-cache', /\bcloudfront\b/i],
    ],
    request: [
      ['via', /\bcloudfront\b/i],
      ['x-amz-cf-id', /./],
    ],
  },
  cloudflare: {
    answer: [
      ['cf-ray', /./],
      ['server', /\bcloudflare\b/i],
      ['cf-cache-status', /./],
    ],
    request: [
      ['cf-ray', /./],
      ['cf-connecting-ip', /./],
      ['cdn-loop', /\bcloudflare\b/i],
      ['cf-visitor', /./],
    ],
  },
  appgw: {
    answer: [['server', /\bMicrosoft-Azure-Application-Gateway\b/i]],
    request: [['x-appgw-trace-id', /./]],
  },
  frontdoor: {
    answer: [
      ['x-azure-ref', /./],
      ['x-fd-int-roxy-purgeid', /./],
      ['x-msedge-ref', /./],
    ],
    request: [
      ['x-azure-fdid', /./],
      ['x-azure-ref', /./],
    ],
  },
  // Proxies of companies, and virus scanners.
  corporate: {
    answer: [
      ['via', /\b(squid|zscaler|bluecoat|proxysg|mcafee|skyhigh|forcepoint|websense|sophos|fortigate|kerio|trend)/i],
      ['x-cache', /\bfrom .*(squid|proxy)/i],
      ['x-squid-error', /./],
      ['x-zscaler-transaction-id', /./],
      ['server', /\b(squid|zscaler|bluecoat|mcafee)/i],
    ],
    request: [
      ['via', /\b(squid|zscaler|bluecoat|proxysg|mcafee|skyhigh|forcepoint|websense|sophos|fortigate|kerio|trend)/i],
      ['x-bluecoat-via', /./],
      ['x-iwproxy', /./],
    ],
  },
};

/** Headers that any proxy may write, and only proxies do. */
const SOMEBODY = ['via', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/**
 * The detected proxies, the nearest to the browser first as far as the headers show it: the proxy that has set `server` or a
 * response header of its own is the last one.
 *
 * @param {Object} recording
 * @returns {{id: ?string, name: string, evidence: string[]}[]} `id` is a key of `SETTINGS`, or null for one that is there
 *   but has no name that we know
 */
export function proxiesIn(recording) {
  const request = requestHeaders(recording);
  const found = Object.entries(SIGNS).flatMap(([id, { answer, request: asked }]) => {
    const evidence = [
      ...signsIn(answer, (name) => headerOf(recording, name)),
      ...signsIn(asked, (name) => request.get(name) ?? null),
    ];
    return evidence.length > 0 ? [{ id, name: SETTINGS[id].name, evidence: [...new Set(evidence)] }] : [];
  });
  if (found.length > 0) {
    return found;
  }
  const traces = SOMEBODY.flatMap((name) => {
    const value = name === 'via' ? (headerOf(recording, name) ?? request.get(name)) : request.get(name);
    return value ? [`${name}: ${value}`] : [];
  });
  return traces.length > 0 ? [{ id: null, name: '', evidence: traces }] : [];
}

/** The proxies' headers of the request, as the server tells them in its first event. */
export function requestHeaders({ hello }) {
  const told = hello?.headers;
  const entries = told && typeof told === 'object' ? Object.entries(told) : [];
  return new Map(entries.map(([name, values]) => [name.toLowerCase(), [values].flat().join(', ')]));
}

function signsIn(signs, valueOf) {
  return signs.flatMap(([name, pattern]) => {
    const value = valueOf(name);
    return value !== null && pattern.test(value) ? [`${name}: ${value}`] : [];
  });
}
