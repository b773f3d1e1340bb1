/**
 * The settings of each proxy with which events pass one by one (`flow`), uncompressed (`compression`), and long silences are
 * not cut (`silence`), as the configuration has them. The text `doctor.fix.<id>` names the file or menu. 127.0.0.1:8080 is
 * the place of Sluice's address.
 */
export const SETTINGS = {
  nginx: {
    name: 'nginx',
    flow: `location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffering off;
}

# ingress-nginx
nginx.ingress.kubernetes.io/proxy-buffering: "off"`,
    compression: `location / {
    gzip off;
}`,
    silence: `location / {
    proxy_read_timeout 1h;
}

# ingress-nginx
nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"`,
  },
  httpd: {
    name: 'Apache httpd',
    flow: `ProxyPass "/" "http://127.0.0.1:8080/" flushpackets=on`,
    compression: `SetEnvIf Request_URI "/(chat|v1/.*|doctor/.*)$" no-gzip no-brotli`,
    silence: `ProxyPass "/" "http://127.0.0.1:8080/" timeout=3600`,
  },
  haproxy: {
    name: 'HAProxy',
    flow: `backend sluice
    option http-no-delay`,
    compression: `backend sluice
    compression type text/html text/css text/plain application/json`,
    silence: `frontend www
    timeout client 1h
backend sluice
    timeout server 1h`,
  },
  varnish: {
    name: 'Varnish',
    flow: `sub vcl_recv {
    if (req.url ~ "/(chat|v1/|doctor/stream)") {
        return (pipe);
    }
}`,
    compression: `sub vcl_backend_response {
    if (beresp.http.Content-Type ~ "^text/event-stream") {
        set beresp.do_gzip = false;
    }
}`,
    silence: `varnishd -p pipe_timeout=3600 -p first_byte_timeout=3600 -p between_bytes_timeout=3600`,
  },
  caddy: {
    name: 'Caddy',
    flow: `reverse_proxy 127.0.0.1:8080 {
    flush_interval -1
}`,
    compression: `encode {
    gzip
    match {
        header Content-Type text/html*
        header Content-Type text/css*
        header Content-Type text/javascript*
        header Content-Type application/json*
    }
}`,
    silence: `reverse_proxy 127.0.0.1:8080 {
    transport http {
        read_timeout 1h
    }
}`,
  },
  envoy: {
    name: 'Envoy / Istio',
    flow: `http_filters:
- name: envoy.filters.http.ext_proc
  typed_config:
    processing_mode:
      response_body_mode: NONE`,
    compression: `http_filters:
- name: envoy.filters.http.compressor
  typed_config:
    response_direction_config:
      common_config:
        content_type: [text/html, text/css, application/json]`,
    silence: `routes:
- match: { prefix: "/" }
  route:
    cluster: sluice
    timeout: 0s
    idle_timeout: 3600s

# Istio: VirtualService
http:
- timeout: 0s`,
  },
  traefik: {
    name: 'Traefik',
    flow: `http:
  services:
    sluice:
      loadBalancer:
        responseForwarding:
          flushInterval: -1`,
    compression: `http:
  middlewares:
    compress:
      compress:
        excludedContentTypes:
          - text/event-stream`,
    silence: `entryPoints:
  websecure:
    transport:
      respondingTimeouts:
        writeTimeout: 0s`,
  },
  iis: {
    name: 'IIS / ARR',
    flow: `appcmd.exe set config -section:system.webServer/proxy /responseBufferLimit:"0" /commit:apphost`,
    compression: `<system.webServer>
  <urlCompression doDynamicCompression="false" />
</system.webServer>`,
    silence: `appcmd.exe set config -section:system.webServer/proxy /timeout:"01:00:00" /commit:apphost`,
  },
  alb: {
    name: 'AWS Application Load Balancer',
    silence: `aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN \\
    --attributes Key=idle_timeout.timeout_seconds,Value=3600`,
  },
  cloudfront: {
    name: 'AWS CloudFront',
    flow: `"DefaultCacheBehavior": {
  "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
}`,
    compression: `"DefaultCacheBehavior": {
  "Compress": false
}`,
    silence: `"CustomOriginConfig": {
  "OriginReadTimeout": 120
}`,
  },
  cloudflare: {
    name: 'Cloudflare',
    flow: `{
  "expression": "true",
  "action": "set_config",
  "action_parameters": { "response_body_buffering": "none" }
}`,
    compression: `{
  "expression": "http.response.content_type.media_type eq \\"text/event-stream\\"",
  "action": "compress_response",
  "action_parameters": { "algorithms": [{ "name": "none" }] }
}`,
    silence: `PATCH /zones/{zone_id}/settings/proxy_read_timeout
{ "value": 3600 }`,
  },
  appgw: {
    name: 'Azure Application Gateway',
    flow: `az network application-gateway update --name GATEWAY --resource-group GROUP \\
    --set globalConfiguration.enableResponseBuffering=false`,
    silence: `az network application-gateway http-settings update --gateway-name GATEWAY \\
    --resource-group GROUP --name SETTINGS --timeout 3600`,
  },
  frontdoor: {
    name: 'Azure Front Door',
    flow: `az afd route update --profile-name PROFILE --resource-group GROUP \\
    --endpoint-name ENDPOINT --route-name ROUTE --enable-caching false`,
    silence: `az afd profile update --profile-name PROFILE --resource-group GROUP \\
    --origin-response-timeout-seconds 240`,
  },
  corporate: {
    name: '',
  },
};
