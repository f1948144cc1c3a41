-- Field verification in the office: the file of a lot as it was handed out, and what a person decided between answers
-- that contradict each other or came late. Append-only: answers stay, a decision says which of them holds.

CREATE TABLE electoral_field_file (
  lot BIGINT PRIMARY KEY,
  file BLOB NOT NULL
);

CREATE TABLE electoral_field_decision (
  lot BIGINT NOT NULL,
  place BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  chosen BIGINT NOT NULL,
  reason TEXT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (lot, place, seen),
  CHECK (chosen BETWEEN 1 AND seen),
  CHECK (reason <> '')
)
