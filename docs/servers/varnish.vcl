vcl 4.1;

# https://openknowledge.example.edu, from an object store whose files are stored with Content-Encoding: gzip.
# Made by `python -m openknowledge.serving.servers varnish`; made anew and loaded again where redirects have changed:
#     varnishadm vcl.load NAME FILE && varnishadm vcl.use NAME
# Varnish speaks no TLS: hitch or nginx does so in front of it (with the PROXY protocol, or with X-Forwarded-For, so
# that nobody from outside may purge), and stunnel behind it where the store insists.

import std;

backend store {
    .host = "127.0.0.1";
    .port = "8333";
    .connect_timeout = 5s;
    .first_byte_timeout = 30s;
    .between_bytes_timeout = 15s;
}

acl purgers {
    "localhost";
}

# Old addresses: they lead elsewhere, or are gone and say so.
sub forwards {
    if (req.http.X-Asked ~ "^/course/view(?:\x2e|%(?i:2e))php\?(?:.*&)?id=203(?:&.*)?$") {
        set req.http.X-Location = "/corsi/x/";
        return (synth(301));
    }
    if (req.http.X-Path ~ "^/courses/course-v1(?:\x3a|%(?i:3a))Polimi(?:\x2b|%(?i:2b))X101/about$") {
        set req.http.X-Location = "/corsi/x/";
        return (synth(301));
    }
    if (req.http.X-Path == "/stampa/2019/ritirata/") {
        set req.http.X-Status = "410";
        return;
    }
}

sub vcl_recv {
    if (req.restarts > 0) {
        # The page that says what is wrong, chosen by vcl_deliver.
        return (hash);
    }
    unset req.http.X-Status;
    unset req.http.X-Folder;
    unset req.http.X-Missing;
    unset req.http.X-Location;
    unset req.http.Cookie;
    unset req.http.Authorization;
    # One object for each address, under whichever name and with whichever query it is asked for.
    set req.http.host = "openknowledge.example.edu";
    if (req.method == "PURGE" || req.method == "BAN") {
        if (client.ip !~ purgers || req.http.X-Forwarded-For ~ ",") {
            return (synth(403));
        }
        if (req.method == "BAN") {
            ban("req.http.host == " + req.http.host);
            return (synth(200, "Forgotten"));
        }
    } elseif (req.method != "GET" && req.method != "HEAD") {
        return (synth(405));
    }

    set req.http.X-Asked = req.url;
    set req.url = regsub(req.url, "[?#].*$", "");
    set req.http.X-Path = regsub(req.url, "/index[.]html$", "/");
    if (req.method != "PURGE") {
        # The store's own register, and paths that a store may read in another way than it is written here.
        if (req.url ~ "(?i)^/(?:_|%5f)|/(?:[.]|%2e){1,2}(?:/|$)|//|%2f|%5c|%00|^/[^/]*%[67]") {
            return (synth(404));
        }
        call forwards;
    }
    if (req.url ~ "/$") {
        set req.url = req.url + "index.html";
    } elseif (req.url !~ "[.][^/]*$") {
        # A folder without its slash, if there is one: readers are led to it once it was found.
        set req.http.X-Folder = "" + req.url + "/";
        set req.url = req.url + "/index.html";
    }
    if (req.method == "PURGE") {
        return (purge);
    }
    return (hash);
}

sub vcl_backend_fetch {
    if (bereq.retries == 0) {
        set bereq.http.host = "127.0.0.1:8333";
        set bereq.url = "/bucket" + bereq.url;
    }
    unset bereq.http.X-Asked;
    unset bereq.http.X-Path;
    unset bereq.http.X-Status;
    unset bereq.http.X-Folder;
    unset bereq.http.X-Missing;
    unset bereq.http.X-Forwarded-For;
}

sub vcl_backend_response {
    unset beresp.http.Set-Cookie;
    unset beresp.http.Last-Modified;
    unset beresp.http.x-amz-request-id;
    unset beresp.http.x-amz-id-2;
    unset beresp.http.x-amz-server-side-encryption;
    unset beresp.http.x-amz-version-id;
    unset beresp.http.seaweed-x-amz-etag;
    unset beresp.http.seaweed-x-amz-owner;
    if (beresp.status >= 500) {
        if (bereq.is_bgfetch) {
            return (abandon);
        }
        if (bereq.retries < 2) {
            return (retry);
        }
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        return (deliver);
    }
    if (beresp.status == 403 || beresp.status == 404) {
        # A store that may not be listed says 403 of what is not there. A publication purges new addresses, too.
        set beresp.status = 404;
        set beresp.ttl = 60s;
        set beresp.grace = 0s;
        set beresp.keep = 0s;
        return (deliver);
    }
    if (beresp.http.Content-Encoding == "gzip") {
        # Varnish unpacks it for those who take no gzip.
        set beresp.http.Vary = "Accept-Encoding";
    }
    # For how long an object counts is what its Cache-Control says (s-maxage, max-age). While a new one is fetched, and
    # while the store is down, the old one is better than nothing; what has changed was purged and is never sent.
    set beresp.grace = 1d;
    set beresp.keep = 1d;
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.is_bgfetch) {
        return (abandon);
    }
    if (bereq.retries < 2) {
        return (retry);
    }
    set beresp.http.Content-Type = "text/plain; charset=utf-8";
    set beresp.http.Retry-After = "5";
    set beresp.body = "The site cannot be reached for a moment. Try again.";
    return (deliver);
}

sub site_headers {
    set resp.http.Content-Security-Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src https://www.youtube-nocookie.com; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; upgrade-insecure-requests";
    set resp.http.Strict-Transport-Security = "max-age=63072000; includeSubDomains";
    set resp.http.Referrer-Policy = "strict-origin-when-cross-origin";
    set resp.http.Permissions-Policy = {"accelerometer=(), autoplay=(self "https://www.youtube-nocookie.com"), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(self "https://www.youtube-nocookie.com"), fullscreen=(self "https://www.youtube-nocookie.com"), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), picture-in-picture=(self "https://www.youtube-nocookie.com"), publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()"};
    set resp.http.Cross-Origin-Opener-Policy = "same-origin";
    set resp.http.Cross-Origin-Resource-Policy = "same-origin";
    set resp.http.Speculation-Rules = {""/theme/pages.e8932031.speculationrules""};
    set resp.http.X-Content-Type-Options = "nosniff";
    set resp.http.X-Frame-Options = "DENY";
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    unset resp.http.Server;
}

sub vcl_deliver {
    if (resp.status == 404 && req.http.X-Missing != "everywhere") {
        # Told in the language of the address: by the page of its first folder, or by the one at the top.
        unset req.http.X-Folder;
        if (!req.http.X-Status) {
            set req.http.X-Status = "404";
        }
        if (!req.http.X-Missing && req.http.X-Path ~ "^/[A-Za-z0-9_-]+/") {
            set req.http.X-Missing = "in its folder";
            set req.url = regsub(req.http.X-Path, "^(/[A-Za-z0-9_-]+/).*$", "\1404.html");
        } else {
            set req.http.X-Missing = "everywhere";
            set req.url = "/404.html";
        }
        return (restart);
    }
    if (resp.status == 404) {
        # The site has no such page: what the store says is for nobody.
        return (synth(std.integer(req.http.X-Status, 404)));
    }
    if (req.http.X-Folder && resp.status == 200) {
        set req.http.X-Location = req.http.X-Folder;
        return (synth(301));
    }
    if (req.http.X-Status) {
        set resp.status = std.integer(req.http.X-Status, 404);
    }
    if (resp.status >= 400) {
        set resp.http.Cache-Control = "public, max-age=0, must-revalidate";
        unset resp.http.ETag;
    }
    call site_headers;
    if (resp.status < 300 && resp.http.Content-Type && resp.http.Content-Type !~ "^(?:text/html|text/css|text/javascript|font/)") {
        # Files for everybody: pictures, feeds, data.
        set resp.http.Cross-Origin-Resource-Policy = "cross-origin";
        set resp.http.Access-Control-Allow-Origin = "*";
    }
    if (resp.status < 300 && req.url ~ "^/media/") {
        # Files of the content never act as the site.
        if (resp.http.Content-Type ~ "^(?:application/pdf)") {
        } elseif (resp.http.Content-Type ~ "^(?:audio/|image/avif|image/bmp|image/gif|image/jpeg|image/png|image/tiff|image/vnd\.|image/webp|text/plain|video/)") {
            set resp.http.Content-Security-Policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        } elseif (resp.http.Content-Type ~ "^(?:)") {
            set resp.http.Content-Security-Policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            set resp.http.Content-Disposition = "attachment";
        }
    }
    return (deliver);
}

sub vcl_synth {
    set resp.http.Content-Type = "text/plain; charset=utf-8";
    set resp.http.Cache-Control = "public, max-age=0, must-revalidate";
    if (resp.status == 301) {
        set resp.http.Location = req.http.X-Location;
        set resp.http.Cache-Control = "public, max-age=3600";
    }
    if (resp.status == 404 && req.restarts == 0) {
        set req.http.X-Status = "404";
        set req.http.X-Missing = "everywhere";
        set req.url = "/404.html";
        return (restart);
    }
    call site_headers;
    synthetic(resp.reason);
    return (deliver);
}
