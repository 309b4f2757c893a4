-- Of several processes that start at once, one creates the table and the others wait.
SELECT pg_advisory_xact_lock(hashtext('tenants'));

CREATE TABLE IF NOT EXISTS tenants (
    name text PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 63),
    rules text NOT NULL
);

-- Triggers, so that a change by any other program is noticed too. Notifications are sent with the commit, equal ones
-- once; no name means that all tenants may have changed.
CREATE OR REPLACE FUNCTION tenants_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('tenants', '');
    ELSE
        PERFORM pg_notify('tenants', name) FROM (VALUES (OLD.name), (NEW.name)) AS changed (name)
            WHERE name IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER tenants_changed AFTER INSERT OR UPDATE OR DELETE ON tenants
    FOR EACH ROW EXECUTE FUNCTION tenants_changed();
CREATE OR REPLACE TRIGGER tenants_emptied AFTER TRUNCATE ON tenants
    FOR EACH STATEMENT EXECUTE FUNCTION tenants_changed();
