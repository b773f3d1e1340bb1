[description]
HTTP/2 without TLS, for clients that begin with it. Jetty's own module of this name also lets a request of HTTP/1.1 ask
for it (Upgrade: h2c). That way is dropped from the standard, and Jetty never lets go of such a request with a chunked body.

[depend]
http

[lib]
lib/http2/jetty-http2-common-${jetty.version}.jar
lib/http2/jetty-http2-hpack-${jetty.version}.jar
lib/http2/jetty-http2-server-${jetty.version}.jar
lib/sluice-jetty.jar

[xml]
etc/http2c.xml
