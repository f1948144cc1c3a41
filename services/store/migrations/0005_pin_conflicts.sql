-- PIN conflicts: what was asked of the issuing agency, what it answered, who was told. Append-only.

CREATE TABLE registry_pin_claim_end (
  pin BIGINT NOT NULL,
  person TEXT NOT NULL,
  on_day TEXT NOT NULL,
  source TEXT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (pin, person, position)
);

CREATE TABLE registry_conflict (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('SHARED_PIN', 'TWO_PINS')),
  opened_at BIGINT NOT NULL
);

CREATE TABLE registry_conflict_record (
  id TEXT NOT NULL,
  place BIGINT NOT NULL,
  person TEXT NOT NULL,
  pin BIGINT NOT NULL,
  PRIMARY KEY (id, place),
  UNIQUE (id, person, pin)
);
CREATE INDEX registry_conflict_record_person ON registry_conflict_record (person);

CREATE TABLE registry_conflict_lot (
  lot BIGINT PRIMARY KEY,
  made_at BIGINT NOT NULL,
  due_day TEXT NOT NULL,
  cases BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  file BLOB NOT NULL
);

CREATE TABLE registry_conflict_sent (
  lot BIGINT NOT NULL,
  id TEXT NOT NULL,
  records BIGINT NOT NULL,
  PRIMARY KEY (lot, id)
);
CREATE INDEX registry_conflict_sent_id ON registry_conflict_sent (id, lot);

CREATE TABLE registry_conflict_answer (
  answer BIGINT PRIMARY KEY,
  file TEXT NOT NULL,
  line BIGINT NOT NULL,
  lot BIGINT NOT NULL,
  id TEXT NOT NULL,
  words TEXT NOT NULL,
  act TEXT NOT NULL,
  act_day TEXT,
  state TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  UNIQUE (file, line, state)
);
CREATE INDEX registry_conflict_answer_id ON registry_conflict_answer (id, answer);

CREATE TABLE registry_conflict_sign_off (
  id TEXT NOT NULL,
  officer TEXT NOT NULL,
  records BIGINT NOT NULL,
  reason TEXT NOT NULL,
  signed_at BIGINT NOT NULL,
  PRIMARY KEY (id, officer, records)
);

CREATE TABLE registry_notice (
  notice BIGINT PRIMARY KEY,
  person TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  written_at BIGINT NOT NULL
);
CREATE INDEX registry_notice_id ON registry_notice (id, notice);
CREATE INDEX registry_notice_person ON registry_notice (person, notice);

CREATE TABLE registry_notice_handed (
  notice BIGINT PRIMARY KEY,
  officer TEXT NOT NULL,
  handed_at BIGINT NOT NULL
)
