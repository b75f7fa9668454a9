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

-- What is said of an upload is changed; what was said of it is only added to, and deleted when it
-- is old.
GRANT INSERT, UPDATE ON uploads, runs TO nophoto_worker;
GRANT INSERT, DELETE ON scores, embeddings TO nophoto_worker;

-- Some verdicts are drawn for moderators to judge them without seeing them, and a version that judges
-- in the shadow keeps what it says.
GRANT INSERT, DELETE ON spot_checks, shadow_verdicts TO nophoto_worker;
-- Appeals go with what a collection keeps no longer.
GRANT DELETE ON appeals TO nophoto_worker;
-- Nobody looks any more at a picture that nothing shows.
GRANT DELETE ON review_leases TO nophoto_worker;
GRANT UPDATE (followed_to) ON shadows TO nophoto_worker;
GRANT UPDATE (is_open) ON shadows TO nophoto_worker;
GRANT UPDATE (ended_at) ON shadows TO nophoto_worker;
GRANT UPDATE (ended_because) ON shadows TO nophoto_worker;

-- A moderator's word on a picture that was replaced is taken back, and never changed otherwise.
GRANT UPDATE (undone_at, undone_by) ON reviews TO nophoto_worker;

-- Refusals are counted.
GRANT INSERT, UPDATE ON refusal_counts TO nophoto_worker;

-- Pruning erases the uploads that a collection keeps no longer, and leaves a line in the audit.
GRANT DELETE ON uploads, reviews TO nophoto_worker;
GRANT INSERT ON audit TO nophoto_worker;
GRANT UPDATE (name) ON "references", allowed_pictures TO nophoto_worker;

-- Which keys were erased is forgotten after some days.
GRANT DELETE ON erased_keys TO nophoto_worker;

-- The outbox is emptied by whoever sends it.
GRANT INSERT, UPDATE, DELETE ON notices TO nophoto_worker;
GRANT INSERT ON subscriptions TO nophoto_worker;

-- Schedulers note what they sent.
GRANT INSERT ON slots TO nophoto_worker;

-- What a run finds is kept until it is written.
GRANT INSERT, UPDATE, DELETE ON run_chunks, run_changes TO nophoto_worker;

-- A worker quarantines a reference that suddenly claims far more than it did, and renews the sample
-- of real pictures that reaches rest on. It adds no reference and restores none.
GRANT UPDATE (state) ON "references" TO nophoto_worker;
GRANT UPDATE (retired_at) ON "references" TO nophoto_worker;
GRANT INSERT ON reference_set_versions, reference_set_changes TO nophoto_worker;
GRANT INSERT, DELETE ON cohort TO nophoto_worker;

-- Each process of a worker tells of itself, and takes that away when it ends.
GRANT INSERT, UPDATE, DELETE ON workers TO nophoto_worker;

-- One more, for training workers: it also makes new model versions known and lets them judge.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nophoto_trainer') THEN
        CREATE ROLE nophoto_trainer NOLOGIN;
    END IF;
END
$$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM nophoto_trainer;
GRANT USAGE ON SCHEMA public TO nophoto_trainer;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO nophoto_trainer;
GRANT INSERT, UPDATE ON runs, model_versions TO nophoto_trainer;
GRANT INSERT ON embeddings, promotions TO nophoto_trainer;
GRANT INSERT, UPDATE, DELETE ON workers TO nophoto_trainer;

-- Only the console checks passwords, and only the HTTP API its keys.
REVOKE SELECT ON users, api_keys, console_sessions, pending_logins
    FROM nophoto_worker, nophoto_trainer;
REVOKE SELECT ON idempotent_answers, erased_keys, erasure_secrets FROM nophoto_trainer;

-- Where a worker erases uploads that are kept no longer, it takes their keys out of answers of the API.
GRANT UPDATE (body) ON idempotent_answers TO nophoto_worker;
