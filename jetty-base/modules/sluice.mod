[description]
What Jetty does with a request before Sluice sees it: several slashes in a path are one, and what Jetty answers by itself
(a malformed request, headers that are too large) is JSON in the shape of all failures of Sluice.

[depend]
server

[lib]
lib/jetty-rewrite-${jetty.version}.jar
lib/sluice-jetty.jar

[xml]
etc/double-slashes.xml
etc/errors.xml
