[description]
HTTP/2 without TLS, for clients that begin with its preface. Jetty's own module of this name also accepts Upgrade: h2c of
HTTP/1.1. RFC 9113 has removed that upgrade, and Jetty never ends such a request with a chunked body.

[depend]
http

[lib]
lib/http2/jetty-http2-common-${jetty.version}.jar
lib/http2/jetty-http2-hpack-${jetty.version}.jar
lib/http2/jetty-http2-server-${jetty.version}.jar
lib/sluice-jetty.jar

[xml]
etc/http2c.xml
