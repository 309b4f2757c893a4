//! Every kind of lint, as data.

use super::{LintKind, Severity};

macro_rules! kinds {
    ($($id:ident $severity:ident: $title:literal, $rationale:literal, $source:literal, $help:literal;)*) => {
        $(pub(super) static $id: LintKind = LintKind {
            id: stringify!($id),
            severity: Severity::$severity,
            title: $title,
            rationale: $rationale,
            source: $source,
            help: $help,
        };)*

        pub(super) static ALL: &[&LintKind] = &[$(&$id),*];
    };
}

kinds! {
    O01 Info: "any origin",
        "Every site may read the responses, which is right for public data. Credentials never go with `*`: the Fetch \
         standard forbids it, a policy with credentials refuses it, and S3 then omits `Access-Control-Allow-Credentials`. \
         Software that worked around this by echoing every origin had to stop doing so (CVE-2018-20744).",
        "[CORS protocol and credentials](https://fetch.spec.whatwg.org/#cors-protocol-and-credentials)",
        "List the origins if the data is not public.";
    O02 Warning: "pattern without a registrable domain",
        "No registrable domain follows the `*`, so the pattern matches sites that anyone can register. Unlike `*` alone \
         it is answered with the request's origin, and S3 adds `Access-Control-Allow-Credentials: true`. A policy with \
         credentials refuses it.",
        "[Fearless CORS: a design philosophy for CORS middleware libraries](https://jub0bs.com/posts/2023-02-08-fearless-cors/)",
        "Write `*` if every site may read the responses, otherwise the whole domain: `https://*.example.com`.";
    O03 Warning: "`*` that does not end at a dot",
        "`https://*example.com` is meant for a domain and its subdomains, but also matches `https://evilexample.com`, \
         which anyone can register; and `*://example.com` also matches pages sent without encryption. A policy with \
         credentials refuses it.",
        "[PortSwigger: CORS, errors parsing Origin headers](https://portswigger.net/web-security/cors#errors-parsing-origin-headers)",
        "Write the scheme, put a dot after the `*`, and list the domain itself as an entry of its own.";
    O04 Warning: "`*` right after a host",
        "`https://example.com*` is meant for any port, but also matches `https://example.com.evil.example`. A policy \
         with credentials refuses it.",
        "[PortSwigger: CORS, errors parsing Origin headers](https://portswigger.net/web-security/cors#errors-parsing-origin-headers), CVE-2019-25211",
        "Remove the `*`; any port is written `http://localhost:*`.";
    O05 Warning: "any host below a public suffix",
        "Below a public suffix (`https://*.co.uk`) or a hosting platform (`https://*.github.io`) anyone can register a \
         name. A policy with credentials refuses it.",
        "[Public Suffix List](https://publicsuffix.org/)",
        "List the hosts, or write a pattern below a domain of your own.";
    O06 Info: "origin without encryption",
        "An attacker on the network can put a script into a page of an `http` site, and that script reads what this \
         rule grants. `http://localhost` is not reported.",
        "[PortSwigger: CORS, breaking TLS with poorly configured CORS](https://portswigger.net/web-security/cors#breaking-tls-with-poorly-configured-cors)",
        "Write `https` if the site has it.";
    O07 Warning: "`null`, or a pattern that matches it",
        "Sandboxed frames, `data:` documents and redirects across origins send `Origin: null`, so every site can. A \
         policy with credentials refuses it.",
        "[PortSwigger: CORS, whitelisted null origin value](https://portswigger.net/web-security/cors#whitelisted-null-origin-value)",
        "Serve the page from an origin and list that.";
    O08 Info: "every host below a domain",
        "With credentials, one subdomain that an attacker takes over or injects a script into is enough to read all \
         that this rule grants.",
        "[PortSwigger: CORS, exploiting XSS via trust relationships](https://portswigger.net/web-security/cors#exploiting-xss-via-cors-trust-relationships)",
        "List the hosts if they are known.";
    O09 Error: "path, trailing slash or user name in an origin",
        "Browsers send scheme, host and port only, and S3 compares byte for byte: it answers 403 if the entry ends in \
         a slash.",
        "[HTML: serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin)",
        "Remove it.";
    O10 Error: "upper case in an origin",
        "Browsers send scheme and host in lower case; S3 and the Fetch standard compare byte for byte.",
        "[HTML: serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin)",
        "Write lower case.";
    O11 Error: "default port in an origin",
        "Browsers omit port 443 of `https` and port 80 of `http`.",
        "[URL: port state](https://url.spec.whatwg.org/#port-state)",
        "Remove it.";
    O12 Error: "not an origin",
        "Blanks, quotes, regular expressions, several origins in one entry, an invalid port, no host, brackets around \
         something else than an IPv6 address, a host that is not ASCII: no browser sends such an origin.",
        "[URL: forbidden domain code point](https://url.spec.whatwg.org/#forbidden-domain-code-point); quotes and braces are allowed there, but no host has them ([RFC 1123, 2.1](https://www.rfc-editor.org/rfc/rfc1123#section-2.1))",
        "Write scheme and host, each origin as an entry of its own, and the host in punycode (`https://xn--bcher-kva.example`).";
    O13 Error: "origin without a scheme that pages have",
        "Every origin has a scheme, so `example.com` matches none; and the scheme of a page is never `ws`, `wss`, `ftp` \
         or `data`. `https` alone has a meaning of its own: see O15.",
        "[HTML: serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin)",
        "Put one `https://` before the host.";
    O15 Warning: "`https` alone",
        "S3's user guide says that it matches every origin with that scheme, and this crate follows. Other servers \
         compare it literally, and then it matches nothing. A policy with credentials refuses it.",
        "[S3 user guide: elements of a CORS configuration](https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html)",
        "List the origins, or write `*` if every site may read the responses.";
    O16 Warning: "host in a form that browsers do not send",
        "Browsers write an IPv4 address as four decimal numbers, an IPv6 address compressed and in brackets, and a name \
         without empty labels; they send a dot at its end only if the user typed one.",
        "[URL: host serializing](https://url.spec.whatwg.org/#host-serializing)",
        "Write the host as the address bar shows it.";
    O17 Info: "subdomains without the domain itself",
        "`https://*.example.com` does not match `https://example.com`, because the dot is part of the pattern.",
        "[S3 user guide: elements of a CORS configuration](https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html)",
        "Add the domain itself if it should match too.";
    O19 Warning: "empty origin",
        "S3 accepts it and never matches it. It often comes from a variable that was not set.",
        "recorded on S3",
        "Remove it, or write the intended origin.";
    O20 Info: "origin covered by another one of the rule",
        "The other entry matches everything that this one matches.",
        "follows from how patterns match",
        "Remove one of the two.";
    O21 Info: "origin of a developer's machine",
        "Any program on the visitor's machine may listen at `http://localhost:3000`, and any machine of the visitor's \
         network may have a private address. In production such entries are most often left over.",
        "[RFC 1918](https://www.rfc-editor.org/rfc/rfc1918)",
        "Keep them in the rules of the development environment.";
    O22 Info: "`file:` as an origin",
        "Browsers send `Origin: null` from pages opened from a file. Some web views, such as that of Android, send \
         `Origin: file://`.",
        "[HTML: opaque origin](https://html.spec.whatwg.org/multipage/browsers.html#concept-origin-opaque)",
        "Keep it for apps with such a web view; for browsers serve the page from a local web server and list its origin.";
    O23 Warning: "host shared by path",
        "Pages of different owners have the same origin there and differ by path only, so the entry matches pages of \
         strangers.",
        "[S3: path-style requests](https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#path-style-access), [IPFS: gateways that violate the same-origin policy](https://docs.ipfs.tech/how-to/address-ipfs-on-web/#path-gateway)",
        "Serve the page from a host of its own, such as `https://my-bucket.s3.amazonaws.com`, and list that.";
    O24 Error: "label that begins or ends with a hyphen",
        "A label is the text between two dots of a host. It neither begins nor ends with `-`, so no page has such an \
         origin.",
        "[RFC 1123, 2.1](https://www.rfc-editor.org/rfc/rfc1123#section-2.1)",
        "Correct the host. A `*` may be followed by a hyphen: `https://*-preview.example.com`.";
    O25 Error: "placeholder",
        "The variable of a template, or the name that an example uses, was not replaced by a value.",
        "[URL: forbidden domain code point](https://url.spec.whatwg.org/#forbidden-domain-code-point)",
        "Write the real host, or let your deployment tool fill in the variable before the rules are read.";
    R01 Warning: "rule, or origin of a rule, that never decides",
        "The first rule that matches decides. Earlier rules match everything that this one could match, so what it \
         allows and exposes is never used.",
        "[S3: how CORS rules are evaluated](https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html#cors-eval-criteria)",
        "Move it up, or remove it.";
    R02 Warning: "requests decided by an earlier rule that lists `*`",
        "An actual request has no requested headers, so the first rule with its origin and method decides, here \
         one that answers `*`. The browser then blocks a request with credentials although this rule grants its preflight.",
        "[CORS protocol and credentials](https://fetch.spec.whatwg.org/#cors-protocol-and-credentials)",
        "Move this rule before the one that lists `*`.";
    R03 Warning: "`*` beside other origins",
        "A rule that lists `*` answers `*` to the other origins too, without credentials.",
        "recorded on S3",
        "Move the other origins to a rule of their own before this one, or remove them.";
    R04 Warning: "header exposed without effect",
        "An actual request has no requested headers, so the first rule with its origin and method decides, and only \
         the ExposeHeaders of that rule are sent.",
        "[S3: how CORS rules are evaluated](https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html#cors-eval-criteria)",
        "Move this rule up, or list the header in the earlier rule too.";
    R05 Warning: "duplicate ID",
        "S3 says that an ID is unique. A tool that looks a rule up by its ID finds the first.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "Give each rule an ID of its own.";
    M03 Warning: "OPTIONS as a method",
        "Preflights need no rule. OPTIONS in the list allows scripts to send OPTIONS themselves, which few do. S3 \
         refuses it; an extended policy accepts it.",
        "[Fetch: CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch)",
        "Remove it.";
    M04 Error: "method in lower case",
        "Methods are compared byte for byte. Browsers send DELETE, GET, HEAD, OPTIONS, POST and PUT in upper case \
         whatever a script writes, and PATCH as the script writes it. S3 refuses lower case; an extended policy accepts it.",
        "[Fetch: normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize)",
        "Write upper case.";
    M06 Info: "GET without HEAD, or HEAD without GET",
        "SDKs and media players often send HEAD before they download.",
        "[Fetch: CORS-safelisted method](https://fetch.spec.whatwg.org/#cors-safelisted-method)",
        "Add the other one if clients need it.";
    M07 Error: "several methods in one entry",
        "The entry is compared as a whole, so it matches no method.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "Write each method as an entry of its own.";
    M08 Error: "`ALL` or `ANY` as a method",
        "It is neither a method nor a wildcard: only a request with that very method matches.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "List the methods.";
    M09 Info: "PUT without POST",
        "An upload to S3 in parts begins and ends with POST; SDKs upload large files that way.",
        "[S3: CreateMultipartUpload](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html)",
        "Add POST if scripts upload in parts without URLs that a server has signed.";
    H01 Warning: "writing without an AllowedHeader",
        "Browsers ask in a preflight for `content-type: application/json`, `authorization` and `x-amz-*`, and a rule \
         without an AllowedHeader matches no preflight that asks for a header.",
        "[Fetch: CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header); recorded on S3",
        "List the headers that scripts set, or `*`.";
    H03 Warning: "header that only the browser sets",
        "Scripts cannot set it, so no preflight asks for it.",
        "[Fetch: forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header)",
        "Remove it.";
    H04 Warning: "CORS header in a list of headers",
        "Browser and server exchange `Access-Control-*` headers themselves. Scripts neither set nor read them.",
        "[Fetch: CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol)",
        "Remove it; the fields of the rule decide about these headers.";
    H06 Warning: "header of responses in AllowedHeaders",
        "AllowedHeaders are for requests. ExposeHeaders list the response headers that a script may read.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "Move it to ExposeHeaders.";
    H07 Warning: "method in a list of headers",
        "Methods have a list of their own; no header has this name.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "Move it to AllowedMethods.";
    H08 Error: "several headers in one entry",
        "The entry is compared as a whole, so it matches no header.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "Write each name as an entry of its own.";
    H09 Warning: "empty name in a list of headers",
        "No header has an empty name. It often comes from a variable that was not set.",
        "[RFC 9110, 5.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.1)",
        "Remove it.";
    H10 Info: "reading without an AllowedHeader",
        "A script that sets a header, such as `authorization`, is refused on GET too. SDKs set some on every request.",
        "[Fetch: CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header)",
        "List the headers that scripts set, if they set any.";
    H11 Info: "headers of the AWS SDK that are missing",
        "Version 3 of the AWS SDK for JavaScript also sends `amz-sdk-invocation-id` and `amz-sdk-request`, which \
         `x-amz-*` does not match. Requests with URLs that a server has signed do not have them.",
        "[aws/aws-sdk-js-v3: middleware-retry](https://github.com/aws/aws-sdk-js-v3/tree/main/packages/middleware-retry)",
        "Add `amz-sdk-*` if scripts use that SDK.";
    X02 Info: "PUT without ETag exposed",
        "An upload to S3 in parts ends with the ETag of each part, which a script can read only if it is exposed. Apps \
         without such uploads do not need it.",
        "[S3: CompleteMultipartUpload](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html)",
        "Add `ETag` to ExposeHeaders if scripts upload in parts.";
    X03 Info: "header that is always exposed",
        "Scripts may read it anyway.",
        "[Fetch: CORS-safelisted response-header name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name)",
        "Remove it.";
    X04 Warning: "cookie exposed",
        "Browsers never let scripts read `Set-Cookie`.",
        "[Fetch: forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name)",
        "Remove it.";
    X05 Warning: "header of requests in ExposeHeaders",
        "ExposeHeaders list response headers that a script may read. AllowedHeaders are for requests.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "Move it to AllowedHeaders if scripts set it, otherwise remove it.";
    A01 Warning: "MaxAgeSeconds above a day",
        "No browser caches a preflight that long: the limit is 86400 seconds in Firefox, 7200 in Chromium, 600 in WebKit.",
        "[MDN: Access-Control-Max-Age](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age), [WebKit: CrossOriginPreflightResultCache.cpp](https://github.com/WebKit/WebKit/blob/main/Source/WebCore/loader/CrossOriginPreflightResultCache.cpp)",
        "Write at most 86400.";
    A02 Warning: "MaxAgeSeconds 0",
        "Every request that needs a preflight then takes two round trips. Some tools write 0 if the value is missing.",
        "[Fetch: CORS-preflight cache](https://fetch.spec.whatwg.org/#concept-cache)",
        "Write 600 or more once the rules are stable.";
    A03 Error: "negative MaxAgeSeconds",
        "S3 accepts and sends it; a browser cannot read it as a number of seconds and uses 5.",
        "[Fetch: CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch)",
        "Write 0 to cache nothing, otherwise the number of seconds.";
    A04 Info: "no MaxAgeSeconds",
        "Browsers then cache a preflight for 5 seconds only.",
        "[Fetch: CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch)",
        "Write 600 or more once the rules are stable.";
    A05 Info: "MaxAgeSeconds above two hours",
        "Only Firefox caches a preflight longer than Chromium's 7200 seconds.",
        "[MDN: Access-Control-Max-Age](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age), [WebKit: CrossOriginPreflightResultCache.cpp](https://github.com/WebKit/WebKit/blob/main/Source/WebCore/loader/CrossOriginPreflightResultCache.cpp)",
        "None is needed.";
}
