-- Settings of the whole tenant that are secrets, such as the key of a provider:
-- sealed, and never shown.
CREATE TABLE secret_settings (
    tenant   bigint NOT NULL,
    name     text   NOT NULL,
    sealed   bytea  NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (tenant, name),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);

-- Events that providers told of, so that one that is told twice counts once.
CREATE TABLE webhook_events (
    tenant   bigint NOT NULL,
    provider text   NOT NULL,
    event_id text   NOT NULL,
    seen_at  bigint NOT NULL,
    PRIMARY KEY (tenant, provider, event_id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE INDEX webhook_events_by_time ON webhook_events (tenant, seen_at);
