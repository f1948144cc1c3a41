-- Applications for voting at home: every wish that was heard at the desk, taken or refused, and the home lists that were
-- frozen of them. Append-only: a withdrawal is a wish of its own, and a list that is frozen anew is the next edition.

CREATE TABLE electoral_home_wish (
  number BIGINT PRIMARY KEY,
  form TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL,
  precinct BIGINT NOT NULL,
  act TEXT NOT NULL CHECK (act IN ('apply', 'withdraw')),
  category TEXT NOT NULL,
  place TEXT NOT NULL,
  refused TEXT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE INDEX electoral_home_wish_person ON electoral_home_wish (person, number);

CREATE TABLE electoral_home_freeze (
  edition BIGINT PRIMARY KEY,
  release BIGINT NOT NULL,
  heard BIGINT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_home_list (
  edition BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  voters BIGINT NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (edition, precinct)
)
