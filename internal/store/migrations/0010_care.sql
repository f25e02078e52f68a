CREATE TABLE terms (
    tenant       bigint NOT NULL,
    id           bigint NOT NULL,
    branch_id    bigint NOT NULL,
    version      bigint NOT NULL,
    text         text   NOT NULL,
    url          text   NOT NULL,
    privacy_text text   NOT NULL,
    privacy_url  text   NOT NULL,
    valid_from   bigint NOT NULL,
    created_at   bigint NOT NULL,
    revision     bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id)
);
CREATE UNIQUE INDEX terms_by_version ON terms (tenant, branch_id, version);

-- Who accepted which terms for a branch; the terms may be an ancestor's.
CREATE TABLE terms_acceptances (
    tenant      bigint NOT NULL,
    person_id   bigint NOT NULL,
    branch_id   bigint NOT NULL,
    terms_id    bigint NOT NULL,
    accepted_at bigint NOT NULL,
    accepted_by text   NOT NULL CHECK (accepted_by IN ('CUSTOMER', 'OPERATOR')),
    operator_id bigint NOT NULL, -- 0 for none
    PRIMARY KEY (tenant, person_id, branch_id, terms_id),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, terms_id) REFERENCES terms (tenant, id)
);
CREATE INDEX terms_acceptances_by_terms ON terms_acceptances (tenant, terms_id);
CREATE INDEX terms_acceptances_by_branch ON terms_acceptances (tenant, branch_id, person_id);

-- What vouchers are made from. benefits is JSON.
CREATE TABLE voucherables (
    tenant           bigint  NOT NULL,
    id               bigint  NOT NULL,
    code             text    NOT NULL,
    code_key         text    NOT NULL,
    type             text    NOT NULL,
    name             text    NOT NULL,
    branch_id        bigint, -- null: the root
    business_unit_id bigint  NOT NULL,
    active           boolean NOT NULL,
    valid_from       bigint  NOT NULL,
    valid_until      bigint  NOT NULL,
    max_per_account  bigint  NOT NULL, -- 0 for no limit
    signup           boolean NOT NULL,
    benefits         text    NOT NULL,
    created_at       bigint  NOT NULL,
    updated_at       bigint  NOT NULL,
    revision         bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id)
);
CREATE UNIQUE INDEX voucherables_by_code ON voucherables (tenant, code_key);
CREATE INDEX voucherables_by_branch ON voucherables (tenant, branch_id);
CREATE INDEX voucherables_by_unit ON voucherables (tenant, business_unit_id);

CREATE TABLE vouchers (
    tenant           bigint  NOT NULL,
    id               bigint  NOT NULL,
    voucherable_id   bigint  NOT NULL,
    account_id       bigint  NOT NULL, -- a customer's or a business account's
    branch_id        bigint,
    business_unit_id bigint  NOT NULL,
    name             text    NOT NULL,
    voucher_type     text    NOT NULL,
    price_type       text    NOT NULL, -- which part of a price it reduces; '' for all
    currency         text    NOT NULL,
    value            bigint  NOT NULL, -- gross, ten-thousandths
    remaining        bigint  NOT NULL CHECK (remaining BETWEEN 0 AND value),
    revoked          boolean NOT NULL,
    signup           boolean NOT NULL,
    valid_from       bigint  NOT NULL,
    valid_until      bigint  NOT NULL, -- 0 for no end
    reason           text    NOT NULL,
    created_by       bigint  NOT NULL,
    created_at       bigint  NOT NULL,
    revision         bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, voucherable_id) REFERENCES voucherables (tenant, id),
    FOREIGN KEY (tenant, account_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id)
);
CREATE INDEX vouchers_by_account ON vouchers (tenant, account_id, id);
CREATE INDEX vouchers_by_voucherable ON vouchers (tenant, voucherable_id, account_id);
CREATE INDEX vouchers_by_unit ON vouchers (tenant, business_unit_id);

CREATE TABLE identity_cards (
    tenant      bigint NOT NULL,
    id          bigint NOT NULL,
    card_number text   NOT NULL,
    rfid_uid    text   NOT NULL,
    rfid_type   text   NOT NULL,
    state       text   NOT NULL CHECK (state IN ('NEW', 'ASSIGNED', 'UNASSIGNED', 'BROKEN', 'LOST', 'ARCHIVED')),
    branch_id   bigint NOT NULL,
    person_id   bigint,
    comment     text   NOT NULL,
    assigned_at bigint NOT NULL,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    revision    bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id),
    CHECK ((state = 'ASSIGNED') = (person_id IS NOT NULL))
);
CREATE UNIQUE INDEX identity_cards_by_number ON identity_cards (tenant, card_number);
CREATE UNIQUE INDEX identity_cards_by_rfid ON identity_cards (tenant, rfid_uid, rfid_type) WHERE rfid_uid <> '';
CREATE INDEX identity_cards_by_person ON identity_cards (tenant, person_id);
CREATE INDEX identity_cards_by_branch ON identity_cards (tenant, branch_id, id);
