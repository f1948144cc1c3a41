-- What became of claims and what is wrong with boundaries, as each release was formed. Append-only.

CREATE TABLE electoral_claim_outcome (
  number BIGINT NOT NULL,
  claim TEXT NOT NULL,
  person TEXT,
  outcome TEXT NOT NULL,
  superseded_by TEXT,
  PRIMARY KEY (number, claim),
  CHECK ((outcome = 'SUPERSEDED') = (superseded_by IS NOT NULL))
);
CREATE INDEX electoral_claim_outcome_person ON electoral_claim_outcome (person, number);

CREATE TABLE electoral_finding (
  number BIGINT NOT NULL,
  position BIGINT NOT NULL,
  code TEXT NOT NULL,
  blocks BIGINT NOT NULL CHECK (blocks IN (0, 1)),
  address TEXT,
  precinct BIGINT,
  other_precinct BIGINT,
  detail TEXT NOT NULL,
  PRIMARY KEY (number, position)
);

CREATE INDEX registry_address_street ON registry_address (street, address)
