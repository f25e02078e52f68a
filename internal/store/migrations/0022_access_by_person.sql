-- What members may use is read for those of a page, however many an account has.
CREATE INDEX cost_center_access_by_person ON cost_center_access (tenant, person_id);
