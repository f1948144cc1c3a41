-- Lists that the heads of institutions hand over: who votes in a hospital, a place of detention, a unit. Each row that is
-- taken is a Form 2 of its category. Append-only.

CREATE TABLE electoral_institution_edition (
  edition BIGINT PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  signer TEXT NOT NULL,
  taken BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_institution_member (
  edition BIGINT NOT NULL,
  line BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  category TEXT NOT NULL,
  letter TEXT NOT NULL,
  person TEXT NOT NULL,
  claim TEXT NOT NULL,
  origin BIGINT,
  PRIMARY KEY (edition, line)
);

CREATE TABLE electoral_institution_refused (
  edition BIGINT NOT NULL,
  line BIGINT NOT NULL,
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (edition, line)
)
