//! What well-known clients send: `clients.tsv`, with sources.

/// A request of a client.
#[derive(Clone, Copy)]
pub(crate) struct ClientRequest {
    pub(crate) client: &'static str,
    /// None if it is the page's own, to which the client adds headers.
    pub(crate) method: Option<&'static str>,
    /// Names with commas between them.
    pub(crate) headers: &'static str,
    pub(crate) when: &'static str,
    /// Addresses with blanks between them.
    pub(crate) sources: &'static str,
}

/// All requests of all clients.
fn all() -> impl Iterator<Item = ClientRequest> {
    include_str!("clients.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split('\t');
        let client = fields.next()?;
        let method = fields.next().map(|method| Some(method).filter(|method| *method != "*"))?;
        let (headers, when, sources) = (fields.next()?, fields.next()?, fields.next()?);
        Some(ClientRequest { client, method, headers, when, sources })
    })
}

/// The requests of the client with that name.
pub(crate) fn requests(name: &str) -> Vec<ClientRequest> {
    all().filter(|request| request.client == name).collect()
}

/// The name, if it is that of a client.
pub(crate) fn name(name: &str) -> Result<&'static str, String> {
    let found = all().find(|request| request.client == name);
    found.map(|request| request.client).ok_or_else(|| {
        let mut names: Vec<&str> = all().map(|request| request.client).collect();
        names.dedup();
        format!("expected one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn each_line_is_a_request_with_sources() {
        let lines = include_str!("clients.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().count(), lines);
        for request in all() {
            let mut headers: Vec<&str> = request.headers.split(',').collect();
            assert!(headers.iter().all(|name| http::HeaderName::from_lowercase(name.as_bytes()).is_ok()));
            headers.sort_unstable();
            assert_eq!(headers.join(","), request.headers, "{}", request.when);
            assert!(
                request.sources.split(' ').all(|source| source.starts_with("https://")),
                "{}",
                request.when
            );
        }
    }
}
