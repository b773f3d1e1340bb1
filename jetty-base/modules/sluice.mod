[description]
Changes what Jetty does before Sluice gets a request: several slashes in a path are replaced by one, and errors of Jetty
itself (a malformed request, too large headers) are JSON like all other errors.

[depend]
server

[lib]
lib/jetty-rewrite-${jetty.version}.jar
lib/sluice-jetty.jar

[xml]
etc/double-slashes.xml
etc/errors.xml
