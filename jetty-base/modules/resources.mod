[description]
Puts resources/, where the settings are, on the class path of the web application. Jetty's own module of this name puts
it on that of Jetty itself, which a JVM with an archive of its classes could not have: directories are not allowed there.

[environment]
ee10

[lib]
resources/
