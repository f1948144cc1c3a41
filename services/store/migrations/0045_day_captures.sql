-- Captures of fingers that identified voters, sealed as the kits handed them in under their signatures, and what became of
-- them: who asked to compare them and why, who of the other institution allowed it, when they were opened and what the
-- comparison found. Rows never change.

CREATE TABLE electoral_captures (
  sha256 TEXT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  kit TEXT NOT NULL,
  captures BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE INDEX electoral_captures_precinct ON electoral_captures (precinct, kit);

CREATE TABLE electoral_captures_step (
  step BIGINT PRIMARY KEY,
  act TEXT NOT NULL,
  reason TEXT NOT NULL,
  basis TEXT NOT NULL,
  institution TEXT,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL,
  CHECK (act IN ('asked', 'allowed', 'opened')),
  CHECK (institution IN ('registration', 'commission')),
  CHECK ((act = 'opened') = (institution IS NULL))
);

CREATE TABLE electoral_captures_found (
  step BIGINT PRIMARY KEY,
  pairs BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
)
