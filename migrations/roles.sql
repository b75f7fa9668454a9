-- A role for workers and backends that may do what they do, and nothing else. Run it as the owner
-- of the tables, after `nophoto db upgrade`, and again after every upgrade:
--
--   psql --dbname=nophoto --file=migrations/roles.sql
--   ALTER ROLE nophoto_worker LOGIN PASSWORD '…';

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nophoto_worker') THEN
        CREATE ROLE nophoto_worker NOLOGIN;
    END IF;
END
$$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM nophoto_worker;
GRANT USAGE ON SCHEMA public TO nophoto_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO nophoto_worker;

-- What is said of an upload is changed; what was said of it is only added to.
GRANT INSERT, UPDATE ON uploads, runs TO nophoto_worker;
GRANT INSERT ON scores, embeddings TO nophoto_worker;
