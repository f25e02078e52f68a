CREATE TABLE tokens (
    tenant     bigint NOT NULL,
    id         bigint NOT NULL,
    hash       bytea  NOT NULL,
    api        text   NOT NULL,
    role       text   NOT NULL,
    person_id  bigint NOT NULL,
    name       text   NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE UNIQUE INDEX tokens_by_hash ON tokens (tenant, hash);
CREATE INDEX tokens_by_session_end ON tokens (tenant, expires_at)
    WHERE name = 'session';

CREATE TABLE users (
    tenant       bigint NOT NULL,
    id           bigint NOT NULL,
    full_name    text   NOT NULL,
    name_key     bytea  NOT NULL, -- the folded name: bytes sort alike on every database
    phone_number text,
    job_title    text,
    department   text,
    role         text   NOT NULL CHECK (role IN ('EMPLOYEE', 'MANAGER', 'BOOKKEEPER', 'COMPANY_OWNER')),
    status       text   NOT NULL CHECK (status IN ('ACTIVE', 'DISABLED')),
    manager_id   bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    revision     bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, id) REFERENCES subjects (tenant, id)
);
CREATE INDEX users_by_name ON users (tenant, name_key, id);
CREATE INDEX users_by_role ON users (tenant, role);
CREATE INDEX users_by_manager ON users (tenant, manager_id);

CREATE TABLE credentials (
    tenant        bigint NOT NULL,
    person_id     bigint NOT NULL,
    password_hash text   NOT NULL,
    changed_at    bigint NOT NULL,
    PRIMARY KEY (tenant, person_id),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id)
);

CREATE TABLE oauth_clients (
    tenant      bigint NOT NULL,
    client_id   text   NOT NULL,
    secret_hash bytea  NOT NULL,
    api         text   NOT NULL,
    role        text   NOT NULL,
    created_at  bigint NOT NULL,
    revoked_at  bigint NOT NULL,
    PRIMARY KEY (tenant, client_id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);

CREATE TABLE settings (
    tenant bigint NOT NULL,
    name   text   NOT NULL,
    value  text   NOT NULL,
    PRIMARY KEY (tenant, name),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
