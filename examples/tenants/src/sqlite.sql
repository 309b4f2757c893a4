-- Readers do not wait for a writer, nor a writer for them.
PRAGMA journal_mode = wal;

CREATE TABLE IF NOT EXISTS tenants (
    name TEXT PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 63),
    rules TEXT NOT NULL
);
