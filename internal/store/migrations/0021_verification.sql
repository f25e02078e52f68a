-- Checks of a customer's documents. document_number is sealed; reference is the
-- provider's.
CREATE TABLE verifications (
    tenant     bigint NOT NULL,
    id         bigint NOT NULL,
    person_id  bigint NOT NULL,
    kind       text   NOT NULL CHECK (kind IN ('LICENSE', 'ID', 'MANUAL')),
    provider   text   NOT NULL CHECK (provider IN ('VERIFF', 'ONFIDO', 'MANUAL')),
    reference  text   NOT NULL, -- '' for none
    state      text   NOT NULL,
    decided_at bigint NOT NULL, -- 0 for not yet
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision   bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id)
);
CREATE INDEX verifications_by_person ON verifications (tenant, person_id, id);
CREATE UNIQUE INDEX verifications_by_reference ON verifications (tenant, provider, reference) WHERE reference <> '';

CREATE TABLE verification_attempts (
    tenant           bigint NOT NULL,
    id               bigint NOT NULL,
    verification_id  bigint NOT NULL,
    attempt_uuid     text   NOT NULL,
    state            text   NOT NULL,
    reason_code      text   NOT NULL,
    document_type    text   NOT NULL,
    document_country text   NOT NULL,
    document_number  bytea,
    expiration_date  text   NOT NULL,
    categories       text   NOT NULL,
    created_at       bigint NOT NULL,
    decided_at       bigint NOT NULL, -- 0 for not yet
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, verification_id) REFERENCES verifications (tenant, id)
);
CREATE UNIQUE INDEX verification_attempts_by_uuid ON verification_attempts (tenant, verification_id, attempt_uuid);

-- What was photographed or filmed. The bytes lie in a folder, or in blobs.
CREATE TABLE verification_media (
    tenant       bigint NOT NULL,
    id           bigint NOT NULL,
    file_uuid    text   NOT NULL,
    attempt_id   bigint NOT NULL,
    kind         text   NOT NULL CHECK (kind IN ('FRONT', 'BACK', 'FACE', 'VIDEO')),
    content_type text   NOT NULL,
    size         bigint NOT NULL,
    reference    text   NOT NULL, -- the provider's
    created_at   bigint NOT NULL,
    purged_at    bigint NOT NULL, -- 0 for not yet
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, attempt_id) REFERENCES verification_attempts (tenant, id)
);
CREATE UNIQUE INDEX verification_media_by_uuid ON verification_media (tenant, file_uuid);
CREATE UNIQUE INDEX verification_media_by_reference ON verification_media (tenant, attempt_id, reference);
CREATE INDEX verification_media_by_age ON verification_media (tenant, created_at) WHERE purged_at = 0;

-- Files that lie in the database, sealed: on PostgreSQL alone.
CREATE TABLE blobs (
    tenant     bigint NOT NULL,
    name       text   NOT NULL,
    content    bytea  NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant, name)
);
