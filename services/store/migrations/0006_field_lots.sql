-- Field verification: lots handed to local commissions, and what came back; receipts of claims filed at a desk.
-- Append-only.

CREATE TABLE electoral_field_lot (
  lot BIGINT PRIMARY KEY,
  precinct BIGINT,
  aimak TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  due_day TEXT NOT NULL,
  entries BIGINT NOT NULL,
  sha256 TEXT NOT NULL
);

CREATE TABLE electoral_field_entry (
  lot BIGINT NOT NULL,
  place BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('ROW', 'PERSON', 'ADDRESS')),
  subject TEXT NOT NULL,
  version TEXT NOT NULL,
  PRIMARY KEY (lot, place),
  UNIQUE (kind, subject)
);

CREATE TABLE electoral_field_answer (
  answer BIGINT PRIMARY KEY,
  file TEXT NOT NULL,
  line BIGINT NOT NULL,
  lot BIGINT NOT NULL,
  place BIGINT NOT NULL,
  version TEXT NOT NULL,
  finding TEXT NOT NULL,
  precinct BIGINT,
  visited TEXT,
  member TEXT NOT NULL,
  state TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  UNIQUE (file, line)
);
CREATE INDEX electoral_field_answer_entry ON electoral_field_answer (lot, place, answer);

CREATE TABLE electoral_claim_receipt (
  claim TEXT PRIMARY KEY,
  form TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL,
  officer TEXT NOT NULL,
  filed BIGINT NOT NULL,
  due_day TEXT NOT NULL
)
