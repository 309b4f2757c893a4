//! Every kind of lint, as data.

use std::fmt;

/// One kind of lint: what it is about, why it matters, and what to do.
///
/// [`Lint::catalogue`](crate::Lint::catalogue) lists them all; each is a page in the repository too,
/// under `docs/lints`. The texts are Markdown.
#[derive(Debug, PartialEq, Eq)]
pub struct LintKind {
    id: &'static str,
    severity: Severity,
    title: &'static str,
    rationale: &'static str,
    source: &'static str,
    help: &'static str,
}

impl LintKind {
    /// The id, such as `O09`. Its letter tells what it is about: origins, rules, methods, headers,
    /// exposed headers, or the age of a preflight's answer.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What it finds, in a few words.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Why that matters.
    pub fn rationale(&self) -> &'static str {
        self.rationale
    }

    /// Where the reason comes from: a standard, a vendor's page, a report.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        self.help
    }
}

/// How bad a lint is. The worse is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing, and often as it should be.
    Info,
    /// Dangerous, or very likely a mistake.
    Warning,
    /// The entry can never do what its author wanted.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

macro_rules! catalogue {
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

catalogue! {
    O01 Info: "any origin",
        "Every site may read the answers, which is right for public data. Credentials never go with `*`: the Fetch \
         standard forbids it, a policy with credentials refuses it, and S3 leaves `Access-Control-Allow-Credentials` \
         away. Software that got around this by giving every origin back had to withdraw it (CVE-2018-20744).",
        "[CORS protocol and credentials](https://fetch.spec.whatwg.org/#cors-protocol-and-credentials)",
        "List the origins, if the data is not meant for everybody.";

    O02 Warning: "pattern without a registrable domain",
        "Nothing after the `*` belongs to one owner, so the pattern lets in whoever registers a domain. Unlike `*` \
         alone it is answered with the origin itself, and S3 then sends `Access-Control-Allow-Credentials: true`. A \
         policy with credentials refuses it.",
        "[Fearless CORS: a design philosophy for CORS middleware libraries](https://jub0bs.com/posts/2023-02-08-fearless-cors/)",
        "Write `*` if everybody is meant, else the domain in full: `https://*.example.com`.";

    O03 Warning: "`*` that does not end at a dot",
        "`https://*example.com` is meant for the domain and what is below it, and also matches \
         `https://evilexample.com`, which anyone can register. A policy with credentials refuses it.",
        "[PortSwigger: CORS, errors parsing Origin headers](https://portswigger.net/web-security/cors#errors-parsing-origin-headers)",
        "Put a dot after the `*`, and list the domain itself as an entry of its own.";

    O04 Warning: "`*` right after a host",
        "`https://example.com*` is meant for any port, and also matches `https://example.com.evil.example`. A policy \
         with credentials refuses it.",
        "[PortSwigger: CORS, errors parsing Origin headers](https://portswigger.net/web-security/cors#errors-parsing-origin-headers), CVE-2019-25211",
        "Leave the `*` away; `http://localhost:*` is how to say any port.";

    O05 Warning: "any host below a public suffix",
        "Below a public suffix (`https://*.co.uk`) or a hosting platform (`https://*.github.io`) anyone can register a \
         name. A policy with credentials refuses it.",
        "[Public Suffix List](https://publicsuffix.org/)",
        "Name the hosts, or what is below a domain of your own.";

    O06 Info: "origin without encryption",
        "Whoever sits between a visitor and an `http` site can put a script into it, and that script reads what this \
         rule gives. The machine itself (`http://localhost`) is not meant.",
        "[PortSwigger: CORS, breaking TLS with poorly configured CORS](https://portswigger.net/web-security/cors#breaking-tls-with-poorly-configured-cors)",
        "Write `https`.";

    O07 Warning: "`null`, or a pattern that matches it",
        "Every sandboxed frame, `data:` document and redirect across origins sends `Origin: null`, so any site can. A \
         policy with credentials refuses it.",
        "[PortSwigger: CORS, whitelisted null origin value](https://portswigger.net/web-security/cors#whitelisted-null-origin-value)",
        "Serve the page from an origin and list that.";

    O08 Info: "every host below a domain",
        "With credentials, a single host below the domain that is taken over, or into which a script can be put, reads \
         all that this rule gives.",
        "[PortSwigger: CORS, exploiting XSS via trust relationships](https://portswigger.net/web-security/cors#exploiting-xss-via-cors-trust-relationships)",
        "List the hosts, if they are known.";

    O09 Error: "path, trailing slash or user name in an origin",
        "Browsers send scheme, host and port, nothing else, and S3 compares byte for byte: it answers 403 where the \
         entry ends in a slash.",
        "[HTML: serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin)",
        "Leave it away.";

    O10 Error: "upper case in an origin",
        "Browsers send scheme and host in lower case, S3 and the Fetch standard compare byte for byte.",
        "[HTML: serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin)",
        "Write lower case.";

    O11 Error: "default port in an origin",
        "Browsers leave out port 443 of `https` and port 80 of `http`.",
        "[URL: port state](https://url.spec.whatwg.org/#port-state)",
        "Leave it away.";

    O12 Error: "not an origin",
        "Blanks, quotes, placeholders that nobody filled in, regular expressions, several origins in one entry, a port \
         that is no port, no host, a host that is not ASCII: no browser sends it.",
        "[URL: forbidden domain code point](https://url.spec.whatwg.org/#forbidden-domain-code-point); quotes and braces are none, but no host has them ([RFC 1123, 2.1](https://www.rfc-editor.org/rfc/rfc1123#section-2.1))",
        "Write scheme and host, each origin as an entry of its own, the host in punycode (`https://xn--bcher-kva.example`).";

    O13 Error: "origin without a scheme that pages have",
        "`example.com` matches no origin, since each has a scheme; and that of a page is never `ws`, `wss` or `ftp`. \
         `https` alone is known to S3: see O15.",
        "[HTML: serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin)",
        "Put `https://` before it.";

    O15 Warning: "`https` alone",
        "S3's user guide lets it stand for every origin with that scheme, and so does this crate. Other servers take \
         it as it is written and match nothing. A policy with credentials refuses it.",
        "[S3 user guide: elements of a CORS configuration](https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html)",
        "List the origins, or write `*` if everybody is meant.";

    O16 Warning: "host in a form that browsers do not send",
        "Browsers write an IPv4 address as four decimal numbers, an IPv6 address in brackets and compressed, and a \
         name without a dot at its start; one at the end is sent only by the few who typed it.",
        "[URL: host serializing](https://url.spec.whatwg.org/#host-serializing)",
        "Write it as the address bar shows it.";

    O17 Info: "subdomains without the domain itself",
        "`https://*.example.com` does not match `https://example.com`: the dot must be there.",
        "[S3 user guide: elements of a CORS configuration](https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html)",
        "Add the domain itself, if it is meant too.";

    O19 Warning: "empty origin",
        "S3 accepts it and matches nothing with it. It is often a variable that was not set.",
        "recorded on S3",
        "Take it out, or write the origin that was meant.";

    O20 Info: "origin covered by another one of the rule",
        "Whatever it matches, the other entry matches too.",
        "follows from how patterns match",
        "Take one of the two out.";

    O21 Info: "origin of a developer's machine",
        "`http://localhost:3000` and addresses of private networks are whatever happens to run there: on a visitor's \
         machine any program may listen. In production they are most often left over.",
        "[RFC 1918](https://www.rfc-editor.org/rfc/rfc1918)",
        "Keep them in the rules of the development environment.";

    O22 Info: "`file:` or `data:` as an origin",
        "Pages opened from a file, and `data:` documents, send `Origin: null`.",
        "[HTML: opaque origin](https://html.spec.whatwg.org/multipage/browsers.html#concept-origin-opaque)",
        "Serve the page from a local web server and list its origin.";

    R01 Warning: "rule, or origin of a rule, that never decides",
        "The first rule that matches decides. Whatever this one could match, rules before it match, so that what it \
         allows, exposes and remembers is never used.",
        "[S3: how CORS rules are evaluated](https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html#cors-eval-criteria)",
        "Move it up, or take it out.";

    R02 Warning: "requests taken by an earlier rule that lists `*`",
        "An actual request carries no requested headers, so the first rule with its origin and method decides, here \
         one that answers `*`. A script that sends credentials is then blocked, although this rule grants its preflight.",
        "[CORS protocol and credentials](https://fetch.spec.whatwg.org/#cors-protocol-and-credentials)",
        "Move this rule before the one that lists `*`.";

    R03 Warning: "`*` beside other origins",
        "With `*` anywhere in its list a rule answers `*`, for the other origins too, and without credentials.",
        "recorded on S3",
        "Give the other origins a rule of their own before this one, or take them out.";

    R04 Warning: "header exposed in vain",
        "An actual request carries no requested headers, so the first rule with its origin and method decides, and its \
         ExposeHeaders are the ones sent.",
        "[S3: how CORS rules are evaluated](https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html#cors-eval-criteria)",
        "Move this rule up, or list the header in the earlier one too.";

    R05 Warning: "same ID twice",
        "S3 calls the ID unique. What finds a rule by its ID finds the first.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "Give each rule an ID of its own.";

    M03 Warning: "OPTIONS as a method",
        "Preflights are answered whatever the methods are. OPTIONS in the list allows scripts to send OPTIONS \
         themselves, which hardly any does. S3's limits refuse it; an extended policy accepts it.",
        "[Fetch: CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch)",
        "Take it out.";

    M04 Error: "method in lower case",
        "Methods are compared byte for byte. Browsers write DELETE, GET, HEAD, OPTIONS, POST and PUT in upper case \
         whatever a script says, and PATCH as the script says. S3's limits refuse it; an extended policy accepts it.",
        "[Fetch: normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize)",
        "Write upper case.";

    M06 Info: "GET without HEAD, or HEAD without GET",
        "SDKs and media players often send HEAD before they fetch.",
        "[Fetch: CORS-safelisted method](https://fetch.spec.whatwg.org/#cors-safelisted-method)",
        "Add the other one, if clients need it.";

    H01 Warning: "writing without an AllowedHeader",
        "`content-type: application/json`, `authorization` and `x-amz-*` are asked for in a preflight, and a rule \
         without an AllowedHeader matches no preflight that asks for any.",
        "[Fetch: CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header); recorded on S3",
        "List the headers that scripts set, or `*`.";

    H03 Warning: "header that only the browser sets",
        "Scripts cannot set it, so no preflight asks for it.",
        "[Fetch: forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header)",
        "Take it out.";

    H04 Warning: "CORS header in a list of headers",
        "`Access-Control-*` headers are how browser and server speak about CORS. Scripts neither set nor need them.",
        "[Fetch: CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol)",
        "Take it out; what they say is said by the fields of the rule.";

    H06 Warning: "header of responses in AllowedHeaders",
        "AllowedHeaders are for requests. That a script can read a header of the response is said in ExposeHeaders.",
        "[S3: CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)",
        "Move it to ExposeHeaders.";

    X02 Info: "PUT without ETag exposed",
        "A multipart upload to S3 ends with the ETag of each part, which a script can read only if it is exposed. An \
         app that has no such uploads needs none.",
        "[S3: CompleteMultipartUpload](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html)",
        "Add `ETag` to ExposeHeaders, if scripts upload in parts.";

    X03 Info: "header exposed that always is",
        "Scripts may read it anyway.",
        "[Fetch: CORS-safelisted response-header name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name)",
        "Take it out.";

    X04 Warning: "cookie exposed",
        "Browsers keep `Set-Cookie` from scripts whatever is exposed.",
        "[Fetch: forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name)",
        "Take it out.";

    A01 Warning: "MaxAgeSeconds above a day",
        "No browser remembers a preflight that long: Firefox caps it at 86400 seconds, Chromium at 7200, WebKit at 600.",
        "[MDN: Access-Control-Max-Age](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age), [WebKit: CrossOriginPreflightResultCache.cpp](https://github.com/WebKit/WebKit/blob/main/Source/WebCore/loader/CrossOriginPreflightResultCache.cpp)",
        "Write what is really wanted, at most 86400.";

    A02 Warning: "MaxAgeSeconds 0",
        "Each request then costs two round trips. Some tools write 0 where nothing was said.",
        "[Fetch: CORS-preflight cache](https://fetch.spec.whatwg.org/#concept-cache)",
        "Write 600 or more, once the rules are stable.";

    A03 Error: "negative MaxAgeSeconds",
        "S3 accepts it and sends it; a browser cannot read it as a number of seconds and takes 5.",
        "[Fetch: CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch)",
        "Write 0 if nothing should be remembered, else the number of seconds.";

    A04 Info: "no MaxAgeSeconds",
        "Browsers then remember a preflight for 5 seconds only.",
        "[Fetch: CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch)",
        "Write 600 or more, once the rules are stable.";

    A05 Info: "MaxAgeSeconds above two hours",
        "Only Firefox remembers a preflight longer than Chromium's 7200 seconds.",
        "[MDN: Access-Control-Max-Age](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age), [WebKit: CrossOriginPreflightResultCache.cpp](https://github.com/WebKit/WebKit/blob/main/Source/WebCore/loader/CrossOriginPreflightResultCache.cpp)",
        "None is needed.";
}
