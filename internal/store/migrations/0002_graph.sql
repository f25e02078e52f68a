CREATE TABLE subjects (
    tenant     bigint NOT NULL,
    id         bigint NOT NULL,
    kind       text   NOT NULL CHECK (kind IN ('person', 'group', 'property')),
    uuid       bytea  NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE UNIQUE INDEX subjects_by_uuid ON subjects (tenant, uuid);

-- A row of groups, people, properties and memberships holds from recorded_from
-- until before recorded_to (µs UTC); 9223372036854775807 says that it is live.
CREATE TABLE groups (
    tenant        bigint  NOT NULL,
    id            bigint  NOT NULL,
    recorded_from bigint  NOT NULL,
    recorded_to   bigint  NOT NULL,
    revision      bigint  NOT NULL,
    kind          text    NOT NULL CHECK (kind IN ('directory', 'organization', 'property', 'business')),
    type          text    NOT NULL CHECK (type IN ('security', 'distribution')),
    name          text    NOT NULL,
    name_key      text    NOT NULL,
    description   text    NOT NULL,
    is_privileged boolean NOT NULL,
    external_id   text,
    default_for   bigint,
    created_at    bigint  NOT NULL,
    PRIMARY KEY (tenant, id, recorded_to),
    FOREIGN KEY (tenant, id) REFERENCES subjects (tenant, id)
);
CREATE UNIQUE INDEX groups_by_organization_name ON groups (tenant, name_key)
    WHERE kind = 'organization' AND recorded_to = 9223372036854775807;
CREATE UNIQUE INDEX groups_by_external_id ON groups (tenant, external_id)
    WHERE external_id IS NOT NULL AND recorded_to = 9223372036854775807;
CREATE UNIQUE INDEX groups_by_default_for ON groups (tenant, default_for)
    WHERE default_for IS NOT NULL AND recorded_to = 9223372036854775807;

CREATE TABLE people (
    tenant         bigint NOT NULL,
    id             bigint NOT NULL,
    recorded_from  bigint NOT NULL,
    recorded_to    bigint NOT NULL,
    revision       bigint NOT NULL,
    profiles       bigint NOT NULL,
    name           text   NOT NULL,
    email          text   NOT NULL,
    email_key      text   NOT NULL,
    display_name   text,
    department     text,
    data_source_id text   NOT NULL,
    status         text   NOT NULL CHECK (status IN ('active', 'disabled')),
    external_id    text,
    created_at     bigint NOT NULL,
    PRIMARY KEY (tenant, id, recorded_to),
    FOREIGN KEY (tenant, id) REFERENCES subjects (tenant, id)
);
CREATE UNIQUE INDEX people_by_email ON people (tenant, email_key)
    WHERE recorded_to = 9223372036854775807;
CREATE UNIQUE INDEX people_by_account_name ON people (tenant, name, data_source_id)
    WHERE (profiles & 1) = 1 AND recorded_to = 9223372036854775807;
CREATE UNIQUE INDEX people_by_external_id ON people (tenant, external_id)
    WHERE external_id IS NOT NULL AND recorded_to = 9223372036854775807;
CREATE INDEX people_by_age ON people (tenant, created_at, id)
    WHERE recorded_to = 9223372036854775807;

CREATE TABLE properties (
    tenant        bigint  NOT NULL,
    id            bigint  NOT NULL,
    recorded_from bigint  NOT NULL,
    recorded_to   bigint  NOT NULL,
    revision      bigint  NOT NULL,
    title         text    NOT NULL,
    is_active     boolean NOT NULL,
    attributes    text    NOT NULL,
    created_at    bigint  NOT NULL,
    PRIMARY KEY (tenant, id, recorded_to),
    FOREIGN KEY (tenant, id) REFERENCES subjects (tenant, id)
);

CREATE TABLE memberships (
    tenant        bigint NOT NULL,
    group_id      bigint NOT NULL,
    member_id     bigint NOT NULL,
    recorded_from bigint NOT NULL,
    recorded_to   bigint NOT NULL,
    revision      bigint NOT NULL,
    group_kind    text   NOT NULL,
    member_kind   text   NOT NULL CHECK (member_kind IN ('person', 'group', 'property')),
    role          text   NOT NULL,
    state         text   NOT NULL,
    properties    text   NOT NULL,
    starts_at     bigint NOT NULL,
    expires_at    bigint NOT NULL,
    added_at      bigint NOT NULL,
    PRIMARY KEY (tenant, group_id, member_id, recorded_to),
    FOREIGN KEY (tenant, group_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, member_id) REFERENCES subjects (tenant, id),
    CHECK (group_id <> member_id),
    CHECK (group_kind = 'directory' OR member_kind <> 'group'),
    CHECK (group_kind = 'property' OR member_kind <> 'property')
);
CREATE INDEX memberships_by_member ON memberships (tenant, member_id, recorded_to, group_id);
CREATE UNIQUE INDEX memberships_by_business_member ON memberships (tenant, member_id)
    WHERE group_kind = 'business' AND recorded_to = 9223372036854775807;
CREATE UNIQUE INDEX memberships_by_business_owner ON memberships (tenant, group_id)
    WHERE group_kind = 'business' AND role = 'OWNER' AND recorded_to = 9223372036854775807;
