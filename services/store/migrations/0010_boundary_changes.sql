-- Changes of precinct boundaries: proposed by one, in force from a day once two institutions approved. Append-only:
-- another change follows, none is taken back.

CREATE TABLE electoral_boundary_change (
  change BIGINT PRIMARY KEY,
  valid_from BIGINT NOT NULL,
  corners TEXT NOT NULL,
  ranges TEXT NOT NULL,
  reason TEXT NOT NULL,
  moved BIGINT NOT NULL,
  based_on BIGINT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_boundary_touched (
  change BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  PRIMARY KEY (change, precinct)
);

CREATE TABLE electoral_boundary_changed (
  change BIGINT NOT NULL,
  place BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  geojson TEXT,
  street TEXT,
  parity TEXT CHECK (parity IN ('all', 'odd', 'even')),
  house_from BIGINT,
  house_to BIGINT,
  PRIMARY KEY (change, place),
  CHECK ((geojson IS NULL) = (street IS NOT NULL))
);

CREATE TABLE electoral_boundary_approval (
  change BIGINT NOT NULL,
  institution TEXT NOT NULL CHECK (institution IN ('registration', 'commission')),
  staff TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (change, institution),
  UNIQUE (change, staff)
)
