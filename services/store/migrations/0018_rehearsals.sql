-- Rehearsals ("check yourself on the list"): what stations handed in of each day, what it adds up to, and what citizens
-- said is wrong. Append-only: a precinct's day that is counted anew is its next edition, and the highest stands.

CREATE TABLE electoral_rehearsal_document (
  sha256 TEXT PRIMARY KEY,
  day BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('manifest', 'journal', 'corrections')),
  kit TEXT NOT NULL,
  bytes BLOB NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE INDEX electoral_rehearsal_document_day ON electoral_rehearsal_document (day, precinct);

CREATE TABLE electoral_rehearsal_precinct (
  day BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  release BIGINT NOT NULL,
  finger BIGINT NOT NULL,
  pin BIGINT NOT NULL,
  absent BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (day, precinct, edition)
);

CREATE TABLE electoral_rehearsal_visit (
  day BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  line BIGINT NOT NULL,
  finger BIGINT NOT NULL CHECK (finger IN (0, 1)),
  person TEXT,
  sex TEXT NOT NULL,
  band TEXT NOT NULL,
  PRIMARY KEY (day, precinct, edition, line)
);

CREATE INDEX electoral_rehearsal_visit_person ON electoral_rehearsal_visit (person);

CREATE TABLE electoral_rehearsal_correction (
  id TEXT PRIMARY KEY,
  day BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  kit TEXT NOT NULL,
  number BIGINT NOT NULL,
  line BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('name', 'born', 'address', 'missing', 'extra')),
  outcome TEXT NOT NULL,
  claims TEXT NOT NULL,
  at BIGINT NOT NULL
)
