-- Work that is yet to be done. A job is due when run_at has come and no lease holds
-- it; who runs it holds the lease by its token. Of jobs with a key (not '') one
-- waits at most; again_at (0: no) is when a job with a key is wanted once more that
-- was leased when it was asked for. failed_at (0: no) is when it was given up.
CREATE TABLE jobs (
    tenant       bigint NOT NULL,
    id           bigint NOT NULL,
    kind         text   NOT NULL,
    unique_key   text   NOT NULL,
    args         text   NOT NULL,
    run_at       bigint NOT NULL,
    again_at     bigint NOT NULL,
    attempts     bigint NOT NULL,
    leased_until bigint NOT NULL,
    lease_token  bytea  NOT NULL,
    created_at   bigint NOT NULL,
    failed_at    bigint NOT NULL,
    last_error   text   NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX jobs_by_key ON jobs (tenant, kind, unique_key) WHERE failed_at = 0 AND unique_key <> '';
CREATE INDEX jobs_due ON jobs (tenant, run_at, id) WHERE failed_at = 0;
CREATE INDEX jobs_failed ON jobs (tenant, failed_at) WHERE failed_at > 0;

-- What the server itself keeps secret, under the tenant 0.
CREATE TABLE server_secrets (
    tenant     bigint NOT NULL,
    name       text   NOT NULL,
    value      bytea  NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant, name)
);
