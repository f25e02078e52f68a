-- How a person may sign in to mobility, as a customer or an operator.
CREATE TABLE sign_in_methods (
    tenant     bigint NOT NULL,
    person_id  bigint NOT NULL,
    method     text   NOT NULL CHECK (method IN ('EMAIL_PASSWORD', 'EMAIL_CODE', 'PHONE_CODE')),
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant, person_id, method),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id)
);

-- A person's second factor (TOTP); it counts once it is confirmed. last_step is the
-- step of the last code that was taken: none is taken twice.
CREATE TABLE second_factors (
    tenant       bigint NOT NULL,
    person_id    bigint NOT NULL,
    secret       bytea  NOT NULL, -- sealed
    last_step    bigint NOT NULL,
    confirmed_at bigint NOT NULL, -- 0 for not yet
    created_at   bigint NOT NULL,
    PRIMARY KEY (tenant, person_id),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id)
);

-- What access tokens are signed with (Ed25519). ends_at is when a key that was
-- replaced verifies no more; 0 is the one that signs.
CREATE TABLE signing_keys (
    tenant      bigint NOT NULL,
    id          bigint NOT NULL,
    kid         text   NOT NULL,
    public_key  bytea  NOT NULL,
    private_key bytea  NOT NULL, -- sealed
    created_at  bigint NOT NULL,
    ends_at     bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE UNIQUE INDEX signing_keys_by_use ON signing_keys (tenant) WHERE ends_at = 0;

-- A session: what began with one sign-in and goes on with each refresh. It is a
-- person's, or a client's.
CREATE TABLE token_families (
    tenant     bigint NOT NULL,
    id         bigint NOT NULL,
    api        text   NOT NULL,
    type       text   NOT NULL CHECK (type IN ('USER', 'OPERATOR', 'API_CLIENT')),
    person_id  bigint NOT NULL, -- 0 where it is a client's
    client_id  text   NOT NULL, -- '' where it is a person's
    method     text   NOT NULL, -- by which the person signed in
    user_agent text   NOT NULL,
    address    text   NOT NULL,
    created_at bigint NOT NULL,
    used_at    bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE INDEX token_families_by_person ON token_families (tenant, person_id, id);
CREATE INDEX token_families_by_client ON token_families (tenant, client_id) WHERE client_id <> '';
CREATE INDEX token_families_by_end ON token_families (tenant, expires_at);

-- Refresh tokens, by the SHA-256 of their text. A spent one is kept until it would
-- have expired: whoever brings it once more is a thief, or was robbed.
CREATE TABLE refresh_tokens (
    tenant     bigint NOT NULL,
    hash       bytea  NOT NULL,
    family_id  bigint NOT NULL,
    expires_at bigint NOT NULL,
    spent_at   bigint NOT NULL, -- 0 while it is good
    PRIMARY KEY (tenant, hash),
    FOREIGN KEY (tenant, family_id) REFERENCES token_families (tenant, id)
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (tenant, family_id);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (tenant, expires_at);

-- Codes that were mailed, or sent by SMS, and sign-ins that wait for the second
-- factor. A code is derived from id and salt with the server's key and lies nowhere.
-- target is the hash of the address or number that it is for; person_id is 0 where
-- that is nobody's: such a row is there so that known and unknown cost the same.
CREATE TABLE sign_in_codes (
    tenant     bigint NOT NULL,
    id         bigint NOT NULL,
    purpose    text   NOT NULL CHECK (purpose IN ('EMAIL', 'PHONE', 'RESET', 'SIGN_UP', 'MFA', 'OWN_EMAIL', 'OWN_PHONE')),
    target     bytea  NOT NULL,
    person_id  bigint NOT NULL,
    salt       bigint NOT NULL,
    details    text   NOT NULL, -- JSON: what a sign-up said, or how a sign-in goes on
    attempts   bigint NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at   bigint NOT NULL, -- when it was used or replaced; 0 for neither
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE INDEX sign_in_codes_by_target ON sign_in_codes (tenant, purpose, target, created_at);
CREATE UNIQUE INDEX sign_in_codes_live ON sign_in_codes (tenant, purpose, target) WHERE ended_at = 0 AND purpose <> 'MFA';
CREATE INDEX sign_in_codes_by_end ON sign_in_codes (tenant, expires_at);

CREATE INDEX tokens_by_session_owner ON tokens (tenant, person_id) WHERE name = 'session';
