-- What pages show of a release, counted once when it is received: pages then take milliseconds at any size.
-- A cell is a code, a region, a sex and an age band; its number counts from 1 within a release, 0 is "not broken down".

ALTER TABLE electoral_decision ADD COLUMN cell BIGINT NOT NULL DEFAULT 0;
CREATE INDEX electoral_decision_cell ON electoral_decision (number, code, cell, person);
DROP INDEX electoral_decision_code;

CREATE TABLE electoral_release_cell (
  number BIGINT NOT NULL,
  cell BIGINT NOT NULL CHECK (cell > 0),
  code TEXT NOT NULL,
  region TEXT NOT NULL,
  sex TEXT NOT NULL,
  band TEXT NOT NULL,
  persons BIGINT NOT NULL,
  PRIMARY KEY (number, cell)
);

CREATE TABLE electoral_release_code (
  number BIGINT NOT NULL,
  code TEXT NOT NULL,
  persons BIGINT NOT NULL,
  PRIMARY KEY (number, code)
);

CREATE TABLE electoral_release_precinct (
  number BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  lines BIGINT NOT NULL,
  PRIMARY KEY (number, precinct)
);

CREATE TABLE electoral_change (
  number BIGINT NOT NULL,
  was TEXT NOT NULL,
  now TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (number, was, now, person)
);

CREATE TABLE electoral_change_count (
  number BIGINT NOT NULL,
  since BIGINT NOT NULL,
  was TEXT NOT NULL,
  now TEXT NOT NULL,
  persons BIGINT NOT NULL,
  PRIMARY KEY (number, was, now)
);

CREATE TABLE electoral_backlog (
  number BIGINT NOT NULL,
  region TEXT NOT NULL,
  step TEXT NOT NULL CHECK (step IN ('processed', 'waiting', 'listed', 'listed_before', 'not_listed')),
  days BIGINT NOT NULL,
  persons BIGINT NOT NULL,
  PRIMARY KEY (number, region, step, days)
);

CREATE TABLE electoral_reference_edition (
  edition BIGINT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('last_election', 'kits')),
  label TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_reference (
  edition BIGINT NOT NULL,
  region TEXT NOT NULL,
  precinct BIGINT NOT NULL,
  value BIGINT NOT NULL CHECK (value >= 0),
  PRIMARY KEY (edition, region, precinct)
);

CREATE INDEX registry_enrolment_waiting ON registry_enrolment (captured, person) WHERE processed IS NULL
