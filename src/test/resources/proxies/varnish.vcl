# Varnish with nothing but what it takes to forward. @…@ is filled in.
vcl 4.1;

backend sluice {
    .host = "127.0.0.1";
    .port = "@sluice@";
}

backend impatient {
    .host = "127.0.0.1";
    .port = "@sluice@";
    .first_byte_timeout = 2s;
    .between_bytes_timeout = 2s;
}

sub vcl_recv {
    if (local.socket == "impatient") {
        set req.backend_hint = impatient;
    }
    # As the README says.
    if (local.socket == "advised") {
        if (req.url ~ "^/(chat|v1/|doctor/)") {
            return (pipe);
        }
    }
}
