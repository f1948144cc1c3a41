-- Formed, approved by two persons of two institutions, published. Append-only: an approval is of one root and is
-- never taken back; another list has another number.

CREATE TABLE electoral_sign_off (
  number BIGINT NOT NULL,
  blocker TEXT NOT NULL,
  waiting BIGINT NOT NULL CHECK (waiting > 0),
  institution TEXT NOT NULL CHECK (institution IN ('registration', 'commission')),
  staff TEXT NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (number, blocker, waiting, institution)
);

CREATE TABLE electoral_approval (
  number BIGINT NOT NULL,
  institution TEXT NOT NULL CHECK (institution IN ('registration', 'commission')),
  staff TEXT NOT NULL,
  root BLOB NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (number, institution),
  UNIQUE (number, staff)
);

CREATE TABLE electoral_published (
  number BIGINT PRIMARY KEY,
  root BLOB NOT NULL,
  at BIGINT NOT NULL
)
