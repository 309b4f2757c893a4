//! Requests that people paste: "Copy as cURL" of a browser's developer tools.

/// What a command of curl sends, as far as CORS goes.
#[derive(Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) origin: String,
    pub(crate) method: String,
    /// The names of headers that a preflight has to ask for.
    pub(crate) headers: Vec<String>,
    pub(crate) kind: Kind,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Kind {
    /// The command is a preflight, and this is what it asks for.
    Preflight,
    /// The request of a script, before which browsers send a preflight.
    Preflighted,
    /// The request of a script, which browsers send at once.
    Simple,
}

/// Reads the first request of the command.
pub(crate) fn read(command: &str) -> Result<Sent, String> {
    let words = arguments(command)?;
    let (mut headers, mut method, mut by_body) = (Vec::new(), None, "GET");
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (option, joined) = option(word);
        match option {
            "--next" | "-:" => break,
            "-I" | "--head" => method = method.or(Some("HEAD".into())),
            "-G" | "--get" => method = method.or(Some("GET".into())),
            "-H" | "--header" | "-X" | "--request" => {
                let value = joined.or_else(|| words.next().map(String::as_str));
                let value = value.ok_or_else(|| format!("{option} has no value"))?;
                if option == "-X" || option == "--request" {
                    method = Some(value.into());
                } else {
                    headers.extend(header(value));
                }
            }
            option if is_body(option) || WITH_VALUE.contains(&option) => {
                if is_body(option) {
                    by_body = "POST";
                } else if ["-T", "--upload-file"].contains(&option) {
                    by_body = "PUT";
                }
                if option == "--json" {
                    headers.push(("content-type".into(), "application/json"));
                }
                if joined.is_none() {
                    words.next();
                }
            }
            _ => {}
        }
    }
    sent(method.unwrap_or_else(|| by_body.into()), &headers)
}

/// The header of `Name: value` or `Name;`, which has no value. `Name:` leaves out one that curl would send.
fn header(written: &str) -> Option<(String, &str)> {
    let (name, value) = match written.split_once(':') {
        Some((name, value)) => Some((name, value.trim())).filter(|(_, value)| !value.is_empty()),
        None => written.strip_suffix(';').map(|name| (name, "")),
    }?;
    Some((name.trim().to_ascii_lowercase(), value))
}

/// The command as a POSIX shell has it: in that of Windows, which the developer tools copy too, `^` escapes what follows.
fn of_posix(command: &str) -> String {
    let command = command.replace("\r\n", "\n");
    if !is_of_windows(&command) {
        return command;
    }
    let (mut text, mut rest) = (String::new(), command.chars());
    while let Some(c) = rest.next() {
        let own = if c == '^' { rest.next().filter(|next| *next != '\n') } else { Some(c) };
        text.extend(own);
    }
    text
}

/// Whether outside of quotes a `^` is before a quote or ends a line, which it never does in a POSIX shell.
fn is_of_windows(command: &str) -> bool {
    let (mut rest, mut unused) = (command.chars().peekable(), String::new());
    while let Some(c) = rest.next() {
        // Without a closing quote nothing is left.
        match c {
            '^' if matches!(rest.peek(), Some('"' | '\n')) => return true,
            '\\' => _ = rest.next(),
            '\'' | '"' => _ = quoted(c, false, &mut rest, &mut unused),
            '$' if rest.next_if_eq(&'\'').is_some() => _ = quoted('\'', true, &mut rest, &mut unused),
            _ => {}
        }
    }
    false
}

/// The arguments of the command.
fn arguments(command: &str) -> Result<Vec<String>, String> {
    let is_prompt = |word: &String| ["$", "%", ">"].contains(&word.as_str());
    let mut words = words(&of_posix(command))?.into_iter().skip_while(is_prompt);
    if words.next().is_none_or(|word| !["curl", "curl.exe"].contains(&word.as_str())) {
        let message =
            "expected a command that begins with curl; choose \"Copy as cURL\" in the developer tools";
        return Err(message.into());
    }
    Ok(words.collect())
}

/// Other options that take a value, as the developer tools and people use them.
const WITH_VALUE: [&str; 22] = [
    "-T",
    "--upload-file",
    "-A",
    "--user-agent",
    "-b",
    "--cookie",
    "-c",
    "--cookie-jar",
    "-e",
    "--referer",
    "-m",
    "--max-time",
    "-o",
    "--output",
    "-u",
    "--user",
    "-w",
    "--write-out",
    "-x",
    "--proxy",
    "--resolve",
    "--cacert",
];

fn is_body(option: &str) -> bool {
    ["-d", "-F", "--json", "--form"].contains(&option) || option.starts_with("--data")
}

/// An option, and the value that is written in the same word: `-XPUT`, `--request=PUT`.
fn option(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
    }
    match word.char_indices().nth(2) {
        Some((end, _)) if word.starts_with('-') => {
            let (option, value) = word.split_at(end);
            (option, Some(value))
        }
        _ => (word, None),
    }
}

fn sent(method: String, headers: &[(String, &str)]) -> Result<Sent, String> {
    let value = |name: &str| headers.iter().find(|(other, _)| other == name).map(|(_, value)| *value);
    let origin =
        value("origin").ok_or("the command sends no header Origin; copy it from a request across origins")?;
    if let ("OPTIONS", Some(asked)) = (method.as_str(), value("access-control-request-method")) {
        let names = value("access-control-request-headers").unwrap_or_default().split(',').map(str::trim);
        let headers = names.filter(|name| !name.is_empty()).map(String::from).collect();
        return Ok(Sent { origin: origin.into(), method: asked.into(), headers, kind: Kind::Preflight });
    }
    let names = headers.iter().filter(|(name, value)| is_asked_for(name, value));
    let mut names: Vec<String> = names.map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    let is_simple = names.is_empty() && is_simple_method(&method);
    let kind = if is_simple { Kind::Simple } else { Kind::Preflighted };
    Ok(Sent { origin: origin.into(), method, headers: names, kind })
}

/// Whether browsers send the method without a preflight
/// ([safelisted](https://fetch.spec.whatwg.org/#cors-safelisted-method)).
pub(crate) fn is_simple_method(method: &str) -> bool {
    ["GET", "HEAD", "POST"].contains(&method)
}

/// Whether a preflight has to ask for the header: not for those that the browser sets itself, and not for
/// [safelisted](https://fetch.spec.whatwg.org/#cors-safelisted-request-header) ones.
fn is_asked_for(name: &str, value: &str) -> bool {
    const FORBIDDEN: [&str; 14] = [
        "accept-charset",
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "date",
        "dnt",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "te",
        "upgrade",
        "via",
    ];
    // No script set these either; the developer tools add the last two while the cache is off.
    const BROWSERS: [&str; 4] = ["user-agent", "priority", "cache-control", "pragma"];
    const SAFE: [&str; 3] = ["accept", "accept-language", "content-language"];
    const TYPES: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
    let is_known = [&FORBIDDEN[..], &BROWSERS, &SAFE].iter().any(|names| names.contains(&name));
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| name.starts_with(beginning));
    let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_safe_type = name == "content-type" && TYPES.contains(&media_type.as_str());
    !(is_known || is_safe_type || begins(&["sec-", "proxy-", "access-control-"]) || name.starts_with(':'))
}

/// The words of a command as a POSIX shell has them, and bash's `$'...'`.
fn words(command: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut rest = command.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\\' => match rest.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            '\'' | '"' => quoted(c, false, &mut rest, word.get_or_insert_default())?,
            '$' if rest.peek() == Some(&'\'') => {
                rest.next();
                quoted('\'', true, &mut rest, word.get_or_insert_default())?;
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Appends what is inside of the quotes.
fn quoted(
    quote: char,
    is_bash: bool,
    rest: &mut impl Iterator<Item = char>,
    word: &mut String,
) -> Result<(), String> {
    while let Some(c) = rest.next() {
        match c {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' || is_bash => match rest.next() {
                Some('n') if is_bash => word.push('\n'),
                Some(c) => word.push(c),
                None => break,
            },
            c => word.push(c),
        }
    }
    Err(format!("the command has no closing {quote}"))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn command_that_is_cut_anywhere_is_read_or_refused() {
        let command = "curl 'https://a.example/é' -X PUT \\\n --header=\"Origin: \\\"https://b.example\" -H $'x-a: 1\\n' --json '{}'";
        assert_eq!(read(command).map(|sent| sent.headers), Ok(vec!["content-type".into(), "x-a".into()]));
        for (at, _) in command.char_indices() {
            let sent = read(&command[..at]);
            assert!(sent.is_err() || at > command.find("b.example").expect("an origin"), "{at}");
        }
    }
}
