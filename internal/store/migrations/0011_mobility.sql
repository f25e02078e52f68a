CREATE TABLE vehicle_categories (
    tenant     bigint NOT NULL,
    id         bigint NOT NULL,
    name       text   NOT NULL,
    code       text   NOT NULL,
    code_key   text   NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision   bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE UNIQUE INDEX vehicle_categories_by_code ON vehicle_categories (tenant, code_key);

-- Positions are millionths of a degree.
CREATE TABLE vehicles (
    tenant        bigint  NOT NULL,
    id            bigint  NOT NULL,
    code          text    NOT NULL,
    code_key      text    NOT NULL,
    name          text    NOT NULL,
    license_plate text    NOT NULL,
    branch_id     bigint  NOT NULL,
    category_id   bigint  NOT NULL,
    state         text    NOT NULL CHECK (state IN ('AVAILABLE', 'OUT_OF_SERVICE')),
    positioned    boolean NOT NULL,
    latitude      bigint  NOT NULL,
    longitude     bigint  NOT NULL,
    odometer      bigint  NOT NULL, -- meters
    created_at    bigint  NOT NULL,
    updated_at    bigint  NOT NULL,
    revision      bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, category_id) REFERENCES vehicle_categories (tenant, id)
);
CREATE UNIQUE INDEX vehicles_by_code ON vehicles (tenant, code_key);
CREATE INDEX vehicles_by_branch ON vehicles (tenant, branch_id, category_id, id);
CREATE INDEX vehicles_by_category ON vehicles (tenant, category_id);

-- What a category costs where a business unit bills. Ten-thousandths.
CREATE TABLE tariffs (
    tenant           bigint NOT NULL,
    id               bigint NOT NULL,
    category_id      bigint NOT NULL,
    business_unit_id bigint NOT NULL,
    currency         text   NOT NULL,
    tax              bigint NOT NULL CHECK (tax BETWEEN 0 AND 10000), -- hundredths of a percent
    unlock           bigint NOT NULL CHECK (unlock >= 0),
    per_minute       bigint NOT NULL CHECK (per_minute >= 0),
    per_kilometer    bigint NOT NULL CHECK (per_kilometer >= 0),
    booking          bigint NOT NULL CHECK (booking >= 0),
    created_at       bigint NOT NULL,
    updated_at       bigint NOT NULL,
    revision         bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, category_id) REFERENCES vehicle_categories (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id)
);
CREATE UNIQUE INDEX tariffs_by_category ON tariffs (tenant, category_id, business_unit_id);
CREATE INDEX tariffs_by_unit ON tariffs (tenant, business_unit_id);

-- What a rental asks of the renter where the set applies; start is JSON.
CREATE TABLE requirement_sets (
    tenant     bigint NOT NULL,
    id         bigint NOT NULL,
    name       text   NOT NULL,
    name_key   text   NOT NULL,
    start      text   NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision   bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE UNIQUE INDEX requirement_sets_by_name ON requirement_sets (tenant, name_key);

-- A set applies to a branch and a category; category_id 0 is every category.
CREATE TABLE requirement_scopes (
    tenant      bigint NOT NULL,
    branch_id   bigint NOT NULL,
    category_id bigint NOT NULL,
    set_id      bigint NOT NULL,
    PRIMARY KEY (tenant, branch_id, category_id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, set_id) REFERENCES requirement_sets (tenant, id)
);
CREATE INDEX requirement_scopes_by_set ON requirement_scopes (tenant, set_id);

-- What is captured at creation (group, cost center, reason, unit, currency, tariff)
-- never changes. Distances are meters, positions millionths of a degree, money
-- ten-thousandths, times µs UTC; 0 for none.
CREATE TABLE rentals (
    tenant           bigint  NOT NULL,
    id               bigint  NOT NULL,
    person_id        bigint  NOT NULL,
    type             text    NOT NULL CHECK (type IN ('PERSONAL', 'BUSINESS')),
    state            text    NOT NULL CHECK (state IN ('RESERVATION', 'ACTIVE', 'EXPIRED', 'CANCELLED', 'ENDED', 'ENDED_NO_MOVEMENT')),
    group_id         bigint  NOT NULL, -- 0 for a personal one
    cost_center_id   bigint  NOT NULL, -- 0 for none
    business_reason  text    NOT NULL,
    branch_id        bigint  NOT NULL,
    business_unit_id bigint  NOT NULL,
    vehicle_id       bigint  NOT NULL,
    category_id      bigint  NOT NULL,
    booking_id       bigint  NOT NULL, -- 0 for none
    payment_source_id bigint NOT NULL, -- 0 for none
    currency         text    NOT NULL,
    tax              bigint  NOT NULL,
    unlock           bigint  NOT NULL,
    per_minute       bigint  NOT NULL,
    per_kilometer    bigint  NOT NULL,
    start_time       bigint  NOT NULL,
    drive_start_time bigint  NOT NULL,
    end_time         bigint  NOT NULL,
    expires_at       bigint  NOT NULL, -- of a reservation
    start_odometer   bigint  NOT NULL,
    end_odometer     bigint  NOT NULL,
    start_address    text    NOT NULL,
    end_address      text    NOT NULL,
    net              bigint  NOT NULL,
    price_tax        bigint  NOT NULL,
    gross            bigint  NOT NULL,
    driving_log      text    NOT NULL, -- JSON; '' for none
    external_id      text    NOT NULL, -- of an import; '' for none
    created_at       bigint  NOT NULL,
    updated_at       bigint  NOT NULL,
    revision         bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id),
    FOREIGN KEY (tenant, vehicle_id) REFERENCES vehicles (tenant, id),
    CHECK ((type = 'BUSINESS') = (group_id <> 0)),
    CHECK (net + price_tax = gross)
);
CREATE UNIQUE INDEX rentals_open_of_vehicle ON rentals (tenant, vehicle_id) WHERE state IN ('RESERVATION', 'ACTIVE');
CREATE UNIQUE INDEX rentals_active_of_person ON rentals (tenant, person_id) WHERE state = 'ACTIVE';
CREATE UNIQUE INDEX rentals_by_external_id ON rentals (tenant, external_id) WHERE external_id <> '';
CREATE INDEX rentals_open_of_group ON rentals (tenant, group_id, person_id) WHERE state IN ('RESERVATION', 'ACTIVE');
CREATE INDEX rentals_by_person ON rentals (tenant, person_id, id);
CREATE INDEX rentals_by_group ON rentals (tenant, group_id, start_time, id) WHERE group_id <> 0;
CREATE INDEX rentals_by_group_id ON rentals (tenant, group_id, id) WHERE group_id <> 0;
CREATE INDEX rentals_by_cost_center ON rentals (tenant, cost_center_id) WHERE cost_center_id <> 0;
CREATE INDEX rentals_by_vehicle ON rentals (tenant, vehicle_id, id);
CREATE INDEX rentals_by_booking ON rentals (tenant, booking_id) WHERE booking_id <> 0;
CREATE INDEX rentals_by_unit ON rentals (tenant, business_unit_id);
CREATE INDEX rentals_by_expiry ON rentals (tenant, expires_at) WHERE state = 'RESERVATION';

CREATE TABLE bookings (
    tenant           bigint NOT NULL,
    id               bigint NOT NULL,
    person_id        bigint NOT NULL,
    type             text   NOT NULL CHECK (type IN ('STATION', 'FLOATING')),
    rental_type      text   NOT NULL CHECK (rental_type IN ('PERSONAL', 'BUSINESS')),
    state            text   NOT NULL CHECK (state IN ('BOOKED', 'APPROVED', 'DELIVERED', 'SUCCESSFUL', 'CANCELED', 'ABORTED', 'EXPIRED', 'DECLINED')),
    needs_approval   boolean NOT NULL,
    group_id         bigint NOT NULL,
    cost_center_id   bigint NOT NULL,
    business_reason  text   NOT NULL,
    branch_id        bigint NOT NULL,
    station_id       bigint NOT NULL,
    business_unit_id bigint NOT NULL,
    category_id      bigint NOT NULL,
    vehicle_id       bigint NOT NULL, -- 0 until one is delivered
    rental_id        bigint NOT NULL,
    payment_source_id bigint NOT NULL,
    currency         text   NOT NULL,
    tax              bigint NOT NULL,
    price            bigint NOT NULL, -- gross, of the tariff
    start_time       bigint NOT NULL,
    end_time         bigint NOT NULL,
    grace_until      bigint NOT NULL, -- when it expires unless started
    net              bigint NOT NULL,
    price_tax        bigint NOT NULL,
    gross            bigint NOT NULL,
    decided_by       bigint NOT NULL,
    decided_at       bigint NOT NULL,
    decline_reason   text   NOT NULL,
    created_at       bigint NOT NULL,
    updated_at       bigint NOT NULL,
    revision         bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, person_id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id),
    FOREIGN KEY (tenant, category_id) REFERENCES vehicle_categories (tenant, id),
    CHECK ((rental_type = 'BUSINESS') = (group_id <> 0)),
    CHECK (net + price_tax = gross)
);
CREATE INDEX bookings_open_of_group ON bookings (tenant, group_id, person_id) WHERE state IN ('BOOKED', 'APPROVED', 'DELIVERED');
CREATE INDEX bookings_by_person ON bookings (tenant, person_id, id);
CREATE INDEX bookings_by_group ON bookings (tenant, group_id, start_time, id) WHERE group_id <> 0;
CREATE INDEX bookings_by_group_id ON bookings (tenant, group_id, id) WHERE group_id <> 0;
CREATE INDEX bookings_by_cost_center ON bookings (tenant, cost_center_id) WHERE cost_center_id <> 0;
CREATE INDEX bookings_by_window ON bookings (tenant, branch_id, category_id, start_time)
    WHERE state IN ('BOOKED', 'APPROVED', 'DELIVERED');
CREATE INDEX bookings_by_grace ON bookings (tenant, grace_until) WHERE state IN ('BOOKED', 'APPROVED');
CREATE INDEX bookings_by_unit ON bookings (tenant, business_unit_id);
