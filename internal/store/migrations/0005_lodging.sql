-- Invitations into property groups. While person_id is 0 the address is nobody's;
-- then it is who was bound, and email, email_key and overrides are blank: the
-- membership has them.
CREATE TABLE group_invitations (
    tenant     bigint NOT NULL,
    uuid       bytea  NOT NULL,
    group_id   bigint NOT NULL,
    person_id  bigint NOT NULL,
    email      text   NOT NULL,
    email_key  text   NOT NULL,
    role       text   NOT NULL CHECK (role IN ('owner', 'user')),
    overrides  text   NOT NULL,
    created_at bigint NOT NULL,
    revision   bigint NOT NULL,
    PRIMARY KEY (tenant, uuid),
    FOREIGN KEY (tenant, group_id) REFERENCES subjects (tenant, id)
);
CREATE UNIQUE INDEX group_invitations_pending ON group_invitations (tenant, email_key, group_id)
    WHERE person_id = 0;
CREATE UNIQUE INDEX group_invitations_bound ON group_invitations (tenant, group_id, person_id)
    WHERE person_id <> 0;
CREATE INDEX group_invitations_by_group ON group_invitations (tenant, group_id);
