CREATE TABLE tenants (
    tenant     bigint NOT NULL,
    name       text   NOT NULL,
    revision   bigint NOT NULL,
    changed_at bigint NOT NULL,
    head       bytea  NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant)
);
CREATE UNIQUE INDEX tenants_by_name ON tenants (name);

CREATE TABLE sequences (
    tenant bigint NOT NULL,
    name   text   NOT NULL,
    next   bigint NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE changes (
    tenant       bigint NOT NULL,
    revision     bigint NOT NULL,
    seq          bigint NOT NULL,
    time         bigint NOT NULL,
    actor        text   NOT NULL,
    api          text   NOT NULL,
    request_id   text   NOT NULL,
    operation    text   NOT NULL,
    subject_type text   NOT NULL,
    subject_id   bigint NOT NULL,
    object_id    bigint NOT NULL,
    before       text,
    after        text,
    salt         bytea,
    commitment   bytea  NOT NULL,
    head         bytea,
    PRIMARY KEY (tenant, revision, seq)
);
CREATE INDEX changes_by_subject ON changes (tenant, subject_id, revision, seq);

CREATE TABLE idempotency_keys (
    tenant     bigint NOT NULL,
    key_hash   bytea  NOT NULL,
    body_hash  bytea  NOT NULL,
    status     bigint NOT NULL,
    headers    text   NOT NULL,
    body       bytea  NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant, key_hash)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (tenant, created_at);
