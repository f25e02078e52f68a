-- What let a change through: a permission and the branch where it held (0: every
-- root); the person that acted (0: none), or for whom an API client did.
ALTER TABLE changes ADD COLUMN permission text NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN branch_id bigint NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN person_id bigint NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN impersonated bigint NOT NULL DEFAULT 0;
CREATE INDEX changes_by_person ON changes (tenant, person_id, revision, seq) WHERE person_id <> 0;
CREATE INDEX changes_by_impersonated ON changes (tenant, impersonated, revision, seq) WHERE impersonated <> 0;
CREATE INDEX changes_by_actor ON changes (tenant, actor, revision, seq);
CREATE INDEX changes_by_branch ON changes (tenant, branch_id, revision, seq) WHERE branch_id <> 0;
