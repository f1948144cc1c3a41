-- Tickets of the support desk: what stations told of one cause each, and what was done with them, step by step. Rows never
-- change; where a ticket stands follows from its steps.

CREATE TABLE electoral_ticket (
  precinct BIGINT NOT NULL,
  number TEXT NOT NULL,
  cause TEXT NOT NULL,
  kit TEXT NOT NULL,
  PRIMARY KEY (precinct, number)
);

CREATE TABLE electoral_ticket_step (
  step BIGINT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  number TEXT NOT NULL,
  act TEXT NOT NULL,
  note TEXT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL,
  CHECK (act IN ('told', 'taken', 'solved'))
);

CREATE INDEX electoral_ticket_step_ticket ON electoral_ticket_step (precinct, number, step);

-- Decisions of the commission above that a precinct votes on another day, byte for byte; and the days of voting that
-- reports of a precinct name, a row for each day of each report. Rows never change.

CREATE TABLE electoral_day_decision (
  sha256 TEXT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  number BIGINT NOT NULL,
  opens BIGINT NOT NULL,
  closes BIGINT NOT NULL,
  reason TEXT NOT NULL,
  bytes BLOB NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_voting_day (
  sha256 TEXT NOT NULL,
  place BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  opens BIGINT NOT NULL,
  closes BIGINT NOT NULL,
  decision TEXT,
  suspended BIGINT,
  reason TEXT,
  counted BIGINT NOT NULL,
  outside BIGINT NOT NULL,
  reported BIGINT NOT NULL,
  PRIMARY KEY (sha256, place),
  CHECK ((suspended IS NULL) = (reason IS NULL))
)
