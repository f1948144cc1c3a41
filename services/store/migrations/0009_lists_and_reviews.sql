-- Lists of the commission uploaded in the office, their reconciliations, and what people decided about doubtful
-- links and addresses. Append-only: a later edition of the list stands in place of an earlier one.

CREATE TABLE electoral_list_edition (
  edition BIGINT PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  form TEXT NOT NULL CHECK (form IN ('csv', 'parquet')),
  bytes BIGINT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_list_row (
  edition BIGINT NOT NULL,
  id TEXT NOT NULL,
  pin TEXT NOT NULL,
  surname TEXT NOT NULL,
  given TEXT NOT NULL,
  patronymic TEXT NOT NULL,
  born TEXT NOT NULL,
  address TEXT NOT NULL,
  precinct TEXT NOT NULL,
  import_hash BIGINT NOT NULL,
  PRIMARY KEY (edition, id)
);

CREATE TABLE electoral_list_step (
  edition BIGINT NOT NULL,
  step TEXT NOT NULL CHECK (step IN ('read', 'reconciled', 'refused')),
  read_rows BIGINT NOT NULL,
  rejected_rows BIGINT NOT NULL,
  run BIGINT,
  detail TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (edition, step),
  CHECK ((step = 'reconciled') = (run IS NOT NULL))
);

-- A run of before has no row here: its number is that of its release.
CREATE TABLE electoral_reconciliation_run (
  run BIGINT PRIMARY KEY,
  number BIGINT,
  edition BIGINT,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_review_item (
  run BIGINT NOT NULL,
  subject TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('link', 'address')),
  id TEXT NOT NULL,
  person TEXT,
  precinct BIGINT,
  reason TEXT NOT NULL,
  suggestions TEXT NOT NULL,
  doubled BIGINT NOT NULL CHECK (doubled IN (0, 1)),
  PRIMARY KEY (run, subject),
  CHECK ((kind = 'link') = (person IS NOT NULL))
);

-- A subject is a row's content with what it is held against: an answer holds for the same question in a later run.
CREATE TABLE electoral_review_answer (
  subject TEXT NOT NULL,
  place BIGINT NOT NULL CHECK (place BETWEEN 1 AND 3),
  staff TEXT NOT NULL,
  says TEXT NOT NULL CHECK (says IN ('same', 'distinct', 'cannot_tell')),
  at BIGINT NOT NULL,
  PRIMARY KEY (subject, place),
  UNIQUE (subject, staff)
);

CREATE TABLE electoral_address_placed (
  subject TEXT PRIMARY KEY,
  run BIGINT NOT NULL,
  id TEXT NOT NULL,
  address TEXT,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
)
