package dev.sluice.standalone;

import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.URIUtil;

/**
 * Replaces several slashes in a path by one, before any other handler: clients whose base URL ends with a slash ask for
 * {@code /v1//chat/completions}. Jetty's {@code CompactPathRule} does the same in {@code jetty-base}. Stateless; any thread
 * may call it.
 */
final class CompactPaths extends Handler.Wrapper {
    CompactPaths(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        HttpURI uri = request.getHttpURI();
        String path = uri.getCanonicalPath();
        String compact = path == null ? null : URIUtil.compactPath(path);
        if (compact == null || compact.equals(path)) {
            return super.handle(request, response, callback);
        }
        HttpURI shorter = HttpURI.build(uri).path(compact).asImmutable();
        return super.handle(Request.serveAs(request, shorter), response, callback);
    }
}
