-- Mass transfer: marks of telephone numbers left with claims, enough to count equal ones and no number; and who saw an
-- alarm, with what it stood at. Append-only: more applications wake it again.

CREATE TABLE electoral_claim_phone (
  claim TEXT PRIMARY KEY,
  mark BIGINT NOT NULL
);

CREATE TABLE electoral_transfer_seen (
  seen BIGINT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  filings BIGINT NOT NULL,
  score BIGINT NOT NULL,
  note TEXT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL,
  CHECK (note <> '')
);

CREATE INDEX electoral_transfer_seen_precinct ON electoral_transfer_seen (precinct, seen)
