-- A business account is a group of the graph; this is what only business knows.
-- Lists of ids, settings, contact, tags and custom_properties are JSON.
CREATE TABLE business_accounts (
    tenant                   bigint  NOT NULL,
    id                       bigint  NOT NULL,
    code                     text    NOT NULL,
    name                     text    NOT NULL, -- the group's
    name_key                 text    NOT NULL,
    branch_id                bigint  NOT NULL,
    state                    text    NOT NULL CHECK (state IN ('ACTIVE', 'INACTIVE', 'DELETED')),
    block_state              text    NOT NULL CHECK (block_state IN ('NONE', 'BLOCKED')),
    billing_cycle            text    NOT NULL CHECK (billing_cycle IN ('PER_USAGE', 'DAILY', 'WEEKLY', 'BIWEEKLY', 'MONTHLY', 'QUARTERLY')),
    cycle_from               bigint  NOT NULL, -- the start of the cycle that is open, µs UTC
    cycle_to                 bigint  NOT NULL, -- and its end
    payment_state            text    NOT NULL CHECK (payment_state IN ('NONE', 'PUSH_INITIATED', 'PUSH_COMPLETED', 'SOURCE_ADDED', 'INVOICING')),
    credit_status            text    NOT NULL,
    default_cost_center_id   bigint,
    default_business_unit_id bigint,
    check_rental_requirements boolean NOT NULL,
    allowed_branch_ids       text    NOT NULL,
    allowed_category_ids     text    NOT NULL,
    settings                 text    NOT NULL,
    contact                  text    NOT NULL,
    tags                     text    NOT NULL,
    custom_properties        text    NOT NULL,
    created_at               bigint  NOT NULL,
    updated_at               bigint  NOT NULL,
    revision                 bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, default_business_unit_id) REFERENCES business_units (tenant, id)
);
-- A code is unique for ever, a name among the living of a branch.
CREATE UNIQUE INDEX business_accounts_by_code ON business_accounts (tenant, code);
CREATE UNIQUE INDEX business_accounts_by_name ON business_accounts (tenant, branch_id, name_key)
    WHERE state <> 'DELETED';
CREATE INDEX business_accounts_by_cycle ON business_accounts (tenant, cycle_to);
CREATE INDEX business_accounts_by_unit ON business_accounts (tenant, default_business_unit_id);

CREATE TABLE cost_centers (
    tenant             bigint  NOT NULL,
    id                 bigint  NOT NULL,
    group_id           bigint  NOT NULL,
    code               text    NOT NULL,
    code_key           text    NOT NULL,
    name               text    NOT NULL,
    description        text    NOT NULL,
    external_reference text    NOT NULL,
    active             boolean NOT NULL,
    valid_from         bigint  NOT NULL, -- µs UTC; 0 for no bound
    valid_until        bigint  NOT NULL,
    created_at         bigint  NOT NULL,
    updated_at         bigint  NOT NULL,
    revision           bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, group_id) REFERENCES business_accounts (tenant, id)
);
CREATE UNIQUE INDEX cost_centers_by_code ON cost_centers (tenant, group_id, code_key);

-- What a business account knows of a member, present or former. Role, state and
-- times are the membership's, in the graph.
CREATE TABLE member_properties (
    tenant                 bigint NOT NULL,
    group_id               bigint NOT NULL,
    person_id              bigint NOT NULL,
    member_code            text   NOT NULL,
    approval_state         text   NOT NULL CHECK (approval_state IN ('NOT_REQUIRED', 'PENDING', 'APPROVED', 'REJECTED')),
    approval_comment       text   NOT NULL,
    approval_decided_by    bigint NOT NULL,
    approval_decided_at    bigint NOT NULL,
    billing_role           text   NOT NULL CHECK (billing_role IN ('NONE', 'BILLING_CONTACT', 'APPROVER')),
    access_mode            text   NOT NULL CHECK (access_mode IN ('ALL', 'LIST')),
    default_cost_center_id bigint,
    superior_email         text   NOT NULL,
    employee_number        text   NOT NULL,
    limit_amount           bigint NOT NULL, -- ten-thousandths
    limit_currency         text   NOT NULL, -- '' for no limit
    limit_period           text   NOT NULL CHECK (limit_period IN ('', 'DAY', 'WEEK', 'MONTH')),
    custom_properties      text   NOT NULL,
    created_by             text   NOT NULL CHECK (created_by IN ('SELF', 'MANAGER', 'OPERATOR', 'INVITATION')),
    joined_at              bigint NOT NULL,
    left_at                bigint NOT NULL, -- 0 while they are in
    revision               bigint NOT NULL,
    PRIMARY KEY (tenant, group_id, person_id),
    FOREIGN KEY (tenant, group_id) REFERENCES business_accounts (tenant, id),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, default_cost_center_id) REFERENCES cost_centers (tenant, id)
);
CREATE UNIQUE INDEX member_properties_by_code ON member_properties (tenant, group_id, member_code);
CREATE INDEX member_properties_by_cost_center ON member_properties (tenant, default_cost_center_id);
CREATE INDEX member_properties_by_person ON member_properties (tenant, person_id);

CREATE TABLE cost_center_access (
    tenant         bigint NOT NULL,
    group_id       bigint NOT NULL,
    person_id      bigint NOT NULL,
    cost_center_id bigint NOT NULL,
    PRIMARY KEY (tenant, group_id, person_id, cost_center_id),
    FOREIGN KEY (tenant, group_id, person_id) REFERENCES member_properties (tenant, group_id, person_id),
    FOREIGN KEY (tenant, cost_center_id) REFERENCES cost_centers (tenant, id)
);
CREATE INDEX cost_center_access_by_cost_center ON cost_center_access (tenant, cost_center_id);

-- Requests to join, and invitations. person_id is 0 while the address is nobody's.
CREATE TABLE group_requests (
    tenant                 bigint NOT NULL,
    id                     bigint NOT NULL,
    group_id               bigint NOT NULL,
    type                   text   NOT NULL CHECK (type IN ('JOIN_REQUEST', 'INVITATION')),
    state                  text   NOT NULL CHECK (state IN ('PENDING', 'ACCEPTED', 'DECLINED', 'CANCELLED', 'EXPIRED')),
    person_id              bigint NOT NULL,
    email                  text   NOT NULL,
    email_key              text   NOT NULL,
    role                   text   NOT NULL CHECK (role IN ('ADMIN', 'MEMBER')),
    default_cost_center_id bigint,
    superior_email         text   NOT NULL,
    message                text   NOT NULL,
    decline_reason         text   NOT NULL,
    initiated_by           text   NOT NULL CHECK (initiated_by IN ('USER', 'MANAGER', 'OPERATOR')),
    created_by             bigint NOT NULL, -- the person; 0 for none
    created_at             bigint NOT NULL,
    expires_at             bigint NOT NULL,
    decided_at             bigint NOT NULL,
    decided_by             bigint NOT NULL,
    revision               bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, group_id) REFERENCES business_accounts (tenant, id),
    FOREIGN KEY (tenant, default_cost_center_id) REFERENCES cost_centers (tenant, id)
);
CREATE UNIQUE INDEX group_requests_pending_by_person ON group_requests (tenant, person_id, group_id)
    WHERE state = 'PENDING' AND person_id <> 0;
CREATE UNIQUE INDEX group_requests_pending_by_email ON group_requests (tenant, email_key, group_id)
    WHERE state = 'PENDING' AND email_key <> '';
CREATE INDEX group_requests_by_person ON group_requests (tenant, person_id, id);
CREATE INDEX group_requests_by_email ON group_requests (tenant, email_key, id);
CREATE INDEX group_requests_by_group ON group_requests (tenant, group_id, id);
CREATE INDEX group_requests_by_cost_center ON group_requests (tenant, default_cost_center_id);
CREATE INDEX group_requests_by_expiry ON group_requests (tenant, expires_at) WHERE state = 'PENDING';

CREATE TABLE payment_sources (
    tenant           bigint  NOT NULL,
    id               bigint  NOT NULL,
    account_id       bigint  NOT NULL, -- a customer's or a business account's
    branch_id        bigint  NOT NULL,
    business_unit_id bigint  NOT NULL,
    type             text    NOT NULL CHECK (type IN ('CREDIT_CARD', 'APPLE_PAY', 'GOOGLE_PAY', 'PAYPAL', 'SEPA', 'INVOICING')),
    state            text    NOT NULL CHECK (state IN ('ACTIVE', 'PENDING', 'EXPIRED', 'FAILED', 'DELETED')),
    is_default       boolean NOT NULL,
    label            text    NOT NULL,
    brand            text    NOT NULL,
    last4            text    NOT NULL,
    expiry_month     bigint  NOT NULL,
    expiry_year      bigint  NOT NULL,
    gateway          text    NOT NULL,
    reference        text    NOT NULL, -- the gateway's own
    created_at       bigint  NOT NULL,
    updated_at       bigint  NOT NULL,
    revision         bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, account_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id)
);
CREATE INDEX payment_sources_by_account ON payment_sources (tenant, account_id, id);
CREATE UNIQUE INDEX payment_sources_default ON payment_sources (tenant, account_id) WHERE is_default;
CREATE UNIQUE INDEX payment_sources_by_reference ON payment_sources (tenant, gateway, reference);

CREATE TABLE invoices (
    tenant           bigint NOT NULL,
    id               bigint NOT NULL,
    number           text   NOT NULL,
    account_id       bigint NOT NULL,
    branch_id        bigint NOT NULL,
    business_unit_id bigint NOT NULL,
    currency         text   NOT NULL,
    period_from      bigint NOT NULL,
    period_to        bigint NOT NULL,
    net              bigint NOT NULL,
    tax              bigint NOT NULL,
    gross            bigint NOT NULL,
    items            bigint NOT NULL, -- how many charges
    state            text   NOT NULL CHECK (state IN ('OPEN', 'PAID', 'FAILED', 'CANCELLED', 'REFUNDED')),
    invoice_state    text   NOT NULL CHECK (invoice_state IN ('OPEN', 'PENDING', 'SETTLED', 'VOID')),
    created_at       bigint NOT NULL,
    due_at           bigint NOT NULL,
    paid_at          bigint NOT NULL,
    revision         bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, account_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id),
    CHECK (net + tax = gross)
);
CREATE UNIQUE INDEX invoices_by_number ON invoices (tenant, number);
CREATE INDEX invoices_by_account ON invoices (tenant, account_id, id);
CREATE INDEX invoices_unpaid ON invoices (tenant, account_id, due_at) WHERE state IN ('OPEN', 'FAILED');
CREATE INDEX invoices_by_unit ON invoices (tenant, business_unit_id);

-- What an invoice sums up, by cost center (0 for none) and member.
CREATE TABLE invoice_lines (
    tenant         bigint NOT NULL,
    invoice_id     bigint NOT NULL,
    cost_center_id bigint NOT NULL,
    member_id      bigint NOT NULL,
    rentals        bigint NOT NULL,
    bookings       bigint NOT NULL,
    net            bigint NOT NULL,
    tax            bigint NOT NULL,
    gross          bigint NOT NULL,
    PRIMARY KEY (tenant, invoice_id, cost_center_id, member_id),
    FOREIGN KEY (tenant, invoice_id) REFERENCES invoices (tenant, id)
);

-- The ledger. A charge says what an account owes, or gets back (a rebate, below
-- zero), for one thing; it is never changed but for the invoice that takes it. They
-- lie in the order in which a summary reads them; id alone is unique, too.
CREATE TABLE charges (
    tenant           bigint NOT NULL,
    id               bigint NOT NULL,
    account_id       bigint NOT NULL, -- a business account's, or a customer's own
    kind             text   NOT NULL CHECK (kind IN ('RENTAL', 'BOOKING', 'REBATE', 'SIGNUP')),
    source_id        bigint NOT NULL, -- the rental or booking
    part             bigint NOT NULL, -- of a rebate: the voucher; else 0
    member_id        bigint NOT NULL,
    cost_center_id   bigint NOT NULL, -- 0 for none
    business_unit_id bigint NOT NULL,
    branch_id        bigint NOT NULL,
    currency         text   NOT NULL,
    time             bigint NOT NULL, -- µs UTC
    day              bigint NOT NULL, -- in the business unit's time zone, days since 1970-01-01
    net              bigint NOT NULL,
    tax              bigint NOT NULL,
    gross            bigint NOT NULL,
    invoice_id       bigint NOT NULL, -- 0 while no invoice has it
    created_at       bigint NOT NULL,
    PRIMARY KEY (tenant, account_id, time, id),
    FOREIGN KEY (tenant, account_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id),
    CHECK (net + tax = gross)
);
CREATE UNIQUE INDEX charges_once ON charges (tenant, kind, source_id, part);
-- The summary of a cost center reads this index alone.
CREATE INDEX charges_by_cost_center ON charges (tenant, cost_center_id, time, business_unit_id, currency, member_id, invoice_id, kind, gross, tax)
    WHERE cost_center_id <> 0;
CREATE INDEX charges_unbilled ON charges (tenant, account_id, invoice_id, time) WHERE invoice_id = 0;
CREATE INDEX charges_by_member ON charges (tenant, account_id, member_id, time);

-- Sums of a business account's ledger by day, along each dimension on its own, so
-- that a summary costs what it shows and not what was charged. Kept in the same
-- transaction. A day is one of the business unit's time zone, as in charges.
CREATE TABLE charge_sums (
    tenant           bigint NOT NULL,
    account_id       bigint NOT NULL,
    dimension        text   NOT NULL CHECK (dimension IN ('COST_CENTER', 'MEMBER', 'INVOICE')),
    day              bigint NOT NULL,
    business_unit_id bigint NOT NULL,
    currency         text   NOT NULL,
    id               bigint NOT NULL, -- the cost center (0: none), member or invoice (0: unbilled)
    rentals          bigint NOT NULL,
    bookings         bigint NOT NULL,
    rental_gross     bigint NOT NULL,
    rental_tax       bigint NOT NULL,
    booking_gross    bigint NOT NULL,
    booking_tax      bigint NOT NULL,
    rebate_gross     bigint NOT NULL,
    rebate_tax       bigint NOT NULL,
    PRIMARY KEY (tenant, account_id, dimension, day, business_unit_id, currency, id),
    FOREIGN KEY (tenant, account_id) REFERENCES business_accounts (tenant, id)
);
