[description]
Puts resources/, which has the settings, on the class path of the web application. Jetty's own module of this name puts it
on Jetty's own class path, where a JVM with a class data sharing archive allows no directories.

[environment]
ee10

[lib]
resources/
