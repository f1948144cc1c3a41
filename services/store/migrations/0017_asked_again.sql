-- Questions about rows whose decisions contradicted each other, asked once more. The earlier answers stay; those that
-- count are in the views.

CREATE TABLE electoral_review_again (
  subject TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  staff TEXT NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_review_answer_again (
  subject TEXT NOT NULL,
  place BIGINT NOT NULL CHECK (place BETWEEN 1 AND 3),
  staff TEXT NOT NULL,
  says TEXT NOT NULL CHECK (says IN ('same', 'distinct', 'cannot_tell')),
  at BIGINT NOT NULL,
  PRIMARY KEY (subject, place),
  UNIQUE (subject, staff)
);

CREATE VIEW electoral_review_answer_now AS
  SELECT subject, place, staff, says, at FROM electoral_review_answer a
  WHERE NOT EXISTS (SELECT 1 FROM electoral_review_again g WHERE g.subject = a.subject)
  UNION ALL
  SELECT subject, place, staff, says, at FROM electoral_review_answer_again;

CREATE VIEW electoral_review_item_now AS
  SELECT run, subject, kind, id, person, precinct, reason, suggestions,
    CASE WHEN EXISTS (SELECT 1 FROM electoral_review_again g WHERE g.subject = i.subject) THEN 1 ELSE doubled END AS doubled
  FROM electoral_review_item i
