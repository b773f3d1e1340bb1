package dev.sluice.standalone;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.util.annotation.Name;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 without TLS for clients that begin with the connection preface (RFC 9113, section 3.3). A request of HTTP/1.1
 * with {@code Upgrade: h2c} is answered over HTTP/1.1: RFC 9113 has removed that upgrade (section 3.1), and Jetty 12.1 never
 * answers nor closes such a request with a chunked body. The connection's thread calls this, for a preface too.
 * {@code jetty-base} has this class in a JAR of its {@code lib}.
 */
public final class PriorKnowledge extends HTTP2CServerConnectionFactory {
    public PriorKnowledge(@Name("config") HttpConfiguration http) {
        super(http);
    }

    @Override
    public @Nullable Connection upgradeConnection(
            Connector connector, EndPoint endPoint, MetaData.Request request, HttpFields.Mutable response101) {
        return HttpMethod.PRI.is(request.getMethod())
                ? super.upgradeConnection(connector, endPoint, request, response101)
                : null;
    }
}
