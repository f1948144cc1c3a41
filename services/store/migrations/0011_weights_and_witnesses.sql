-- Why a link is thought likely, beside the question about it; who cosigned the log that a release was published in.
-- Append-only: a later weighing stands beside the earlier one.

CREATE TABLE electoral_link_explained (
  run BIGINT NOT NULL,
  subject TEXT NOT NULL,
  weight BIGINT NOT NULL,
  probability BIGINT NOT NULL CHECK (probability BETWEEN 0 AND 1000000),
  sentence_ky TEXT NOT NULL,
  sentence_ru TEXT NOT NULL,
  sentence_en TEXT NOT NULL,
  picture_ky TEXT NOT NULL,
  picture_ru TEXT NOT NULL,
  picture_en TEXT NOT NULL,
  PRIMARY KEY (run, subject)
);

CREATE TABLE electoral_witness (
  number BIGINT NOT NULL,
  name TEXT NOT NULL,
  stamped BIGINT NOT NULL,
  origin TEXT NOT NULL,
  size BIGINT NOT NULL,
  needed BIGINT NOT NULL,
  PRIMARY KEY (number, name)
)
