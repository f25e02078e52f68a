-- A resource is a policy, a budget or an approval rule: what groups carry. Its
-- terms are JSON, in the form that its kind has.
CREATE TABLE spend_resources (
    tenant        bigint NOT NULL,
    id            bigint NOT NULL,
    kind          text   NOT NULL CHECK (kind IN ('policy', 'budget', 'approval_rule')),
    uuid          bytea  NOT NULL,
    name          text   NOT NULL,
    name_key      bytea  NOT NULL, -- the folded name: bytes sort alike on every database
    status        text   NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE', 'ARCHIVED')),
    status_reason text   NOT NULL,
    terms         text   NOT NULL,
    created_at    bigint NOT NULL,
    updated_at    bigint NOT NULL,
    revision      bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE UNIQUE INDEX spend_resources_by_uuid ON spend_resources (tenant, uuid);
CREATE INDEX spend_resources_by_name ON spend_resources (tenant, kind, name_key, uuid);

-- A group carries a resource.
CREATE TABLE group_resources (
    tenant      bigint NOT NULL,
    group_id    bigint NOT NULL,
    kind        text   NOT NULL,
    resource_id bigint NOT NULL,
    PRIMARY KEY (tenant, group_id, kind, resource_id),
    FOREIGN KEY (tenant, group_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, resource_id) REFERENCES spend_resources (tenant, id)
);
CREATE INDEX group_resources_by_resource ON group_resources (tenant, resource_id, group_id);

-- A step of a rule names a group as approver.
CREATE TABLE approver_groups (
    tenant   bigint NOT NULL,
    group_id bigint NOT NULL,
    rule_id  bigint NOT NULL,
    PRIMARY KEY (tenant, group_id, rule_id),
    FOREIGN KEY (tenant, group_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, rule_id) REFERENCES spend_resources (tenant, id)
);
CREATE INDEX approver_groups_by_rule ON approver_groups (tenant, rule_id);

-- What was spent from a budget: minor units of its currency.
CREATE TABLE spend_entries (
    tenant      bigint  NOT NULL,
    id          bigint  NOT NULL,
    uuid        bytea   NOT NULL,
    budget_id   bigint  NOT NULL,
    user_id     bigint  NOT NULL,
    group_id    bigint  NOT NULL,
    amount      bigint  NOT NULL CHECK (amount >= 0),
    currency    text    NOT NULL,
    reference   text    NOT NULL,
    over_budget boolean NOT NULL,
    created_at  bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, budget_id) REFERENCES spend_resources (tenant, id),
    FOREIGN KEY (tenant, user_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, group_id) REFERENCES subjects (tenant, id)
);
CREATE UNIQUE INDEX spend_entries_by_reference ON spend_entries (tenant, budget_id, reference);
CREATE INDEX spend_entries_by_budget ON spend_entries (tenant, budget_id, created_at, id);
CREATE INDEX spend_entries_by_user ON spend_entries (tenant, user_id, currency, created_at);
