-- What is erased with a person is found by whom it is about, or whose it is.
CREATE INDEX changes_by_object ON changes (tenant, object_id, revision, seq);

-- person_id is who called (0: nobody); changed is whether the call changed anything.
ALTER TABLE idempotency_keys ADD COLUMN person_id bigint NOT NULL DEFAULT 0;
ALTER TABLE idempotency_keys ADD COLUMN changed boolean NOT NULL DEFAULT true;
CREATE INDEX idempotency_keys_by_person ON idempotency_keys (tenant, person_id) WHERE person_id <> 0;
CREATE INDEX idempotency_keys_by_revision ON idempotency_keys (tenant, revision);
CREATE INDEX idempotency_keys_idle ON idempotency_keys (tenant, key_hash) WHERE NOT changed;

CREATE INDEX sign_in_codes_by_person ON sign_in_codes (tenant, person_id) WHERE person_id <> 0;
CREATE INDEX member_properties_by_superior ON member_properties (tenant, superior_email) WHERE superior_email <> '';
CREATE INDEX group_requests_by_superior ON group_requests (tenant, superior_email) WHERE superior_email <> '';
CREATE INDEX group_requests_by_maker ON group_requests (tenant, created_by) WHERE created_by <> 0;
CREATE INDEX group_requests_by_decider ON group_requests (tenant, decided_by) WHERE decided_by <> 0;
CREATE INDEX bookings_by_decider ON bookings (tenant, decided_by) WHERE decided_by <> 0;
CREATE INDEX tokens_by_person ON tokens (tenant, person_id) WHERE person_id <> 0;
