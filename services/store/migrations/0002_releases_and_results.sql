-- What the electoral side keeps for display: releases, decisions, reconciliation, turnout. Append-only.

CREATE TABLE electoral_release (
  number BIGINT PRIMARY KEY,
  election BIGINT NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('preliminary', 'control', 'final')),
  root BLOB NOT NULL,
  total BIGINT NOT NULL,
  considered BIGINT NOT NULL,
  frozen_at BIGINT NOT NULL,
  document BLOB NOT NULL,
  CHECK (considered >= total)
);

CREATE TABLE electoral_decision (
  number BIGINT NOT NULL,
  person TEXT NOT NULL,
  code TEXT NOT NULL,
  precinct BIGINT,
  line BIGINT,
  page BIGINT,
  evidence TEXT NOT NULL,
  day TEXT,
  PRIMARY KEY (number, person),
  CHECK ((code = 'LISTED') = (precinct IS NOT NULL)),
  CHECK ((precinct IS NULL) = (line IS NULL)),
  CHECK ((precinct IS NULL) = (page IS NULL))
);
CREATE INDEX electoral_decision_person ON electoral_decision (person, number);
CREATE INDEX electoral_decision_code ON electoral_decision (number, code, person);
CREATE INDEX electoral_decision_line ON electoral_decision (number, precinct, line);

CREATE TABLE electoral_reconciliation (
  run BIGINT NOT NULL,
  id TEXT NOT NULL,
  class TEXT NOT NULL,
  person TEXT,
  detail TEXT NOT NULL,
  PRIMARY KEY (run, class, id)
);
CREATE INDEX electoral_reconciliation_row ON electoral_reconciliation (run, id);

CREATE TABLE electoral_turnout (
  as_of BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  hour BIGINT NOT NULL CHECK (hour BETWEEN 0 AND 23),
  method TEXT NOT NULL,
  voters BIGINT NOT NULL,
  PRIMARY KEY (as_of, precinct, hour, method)
)
