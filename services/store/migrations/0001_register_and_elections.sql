-- Facts only: every table of this file except those marked "changes" is append-only (a trigger refuses
-- UPDATE and DELETE). registry_ and electoral_ are two schemas; no statement names both.

CREATE TABLE registry_journal (
  position BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  tx TEXT NOT NULL,
  author TEXT NOT NULL,
  person TEXT,
  act TEXT NOT NULL,
  body BLOB NOT NULL,
  hash BLOB NOT NULL
);
CREATE INDEX registry_journal_person ON registry_journal (person, position);

CREATE TABLE registry_person (
  person TEXT PRIMARY KEY,
  source_row TEXT NOT NULL,
  sex TEXT NOT NULL CHECK (sex IN ('F', 'M')),
  born TEXT NOT NULL,
  citizenship TEXT NOT NULL,
  import_hash BIGINT NOT NULL
);

CREATE TABLE registry_name (
  person TEXT NOT NULL,
  position BIGINT NOT NULL,
  from_day TEXT,
  surname TEXT NOT NULL,
  given TEXT NOT NULL,
  patronymic TEXT NOT NULL,
  sort_key BLOB NOT NULL,
  PRIMARY KEY (person, position)
);

CREATE TABLE registry_name_word (
  skeleton TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (skeleton, person)
);

CREATE TABLE registry_pin_claim (
  pin BIGINT NOT NULL,
  person TEXT NOT NULL,
  source TEXT NOT NULL,
  from_day TEXT,
  until_day TEXT,
  position BIGINT NOT NULL,
  PRIMARY KEY (pin, person, source)
);
CREATE INDEX registry_pin_claim_person ON registry_pin_claim (person);

CREATE TABLE registry_document (
  number TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  issued TEXT NOT NULL,
  expires TEXT,
  status TEXT NOT NULL CHECK (status IN ('valid', 'invalid', 'lost')),
  import_hash BIGINT NOT NULL
);
CREATE INDEX registry_document_person ON registry_document (person);

CREATE TABLE registry_address (
  address TEXT PRIMARY KEY,
  soate BIGINT NOT NULL,
  street TEXT NOT NULL,
  street_name TEXT NOT NULL,
  house TEXT NOT NULL,
  lon_microdegrees BIGINT NOT NULL,
  lat_microdegrees BIGINT NOT NULL,
  import_hash BIGINT NOT NULL
);

CREATE TABLE registry_residence (
  person TEXT NOT NULL,
  address TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('residence', 'stay')),
  from_day TEXT NOT NULL,
  until_day TEXT,
  import_hash BIGINT NOT NULL,
  PRIMARY KEY (person, address, kind, from_day)
);

CREATE TABLE registry_civil_event (
  event TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('death', 'name_change', 'citizenship_loss', 'court')),
  day TEXT NOT NULL,
  act_number TEXT NOT NULL,
  surname TEXT NOT NULL,
  given TEXT NOT NULL,
  patronymic TEXT NOT NULL,
  import_hash BIGINT NOT NULL
);
CREATE INDEX registry_civil_event_person ON registry_civil_event (person);

CREATE TABLE registry_enrolment (
  enrolment TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  captured TEXT NOT NULL,
  processed TEXT,
  region TEXT NOT NULL,
  kit TEXT NOT NULL,
  operator TEXT NOT NULL,
  import_hash BIGINT NOT NULL
);
CREATE INDEX registry_enrolment_person ON registry_enrolment (person);

CREATE TABLE registry_processing (
  enrolment TEXT PRIMARY KEY,
  done_on TEXT NOT NULL,
  position BIGINT NOT NULL
);

CREATE TABLE registry_print (
  enrolment TEXT NOT NULL,
  finger BIGINT NOT NULL CHECK (finger BETWEEN 1 AND 10),
  minutiae BLOB NOT NULL,
  import_hash BIGINT NOT NULL,
  PRIMARY KEY (enrolment, finger)
);

CREATE TABLE registry_photo (
  enrolment TEXT PRIMARY KEY,
  image BLOB NOT NULL,
  import_hash BIGINT NOT NULL
);

CREATE TABLE registry_case (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('duplicate', 'shared_pin')),
  pin BIGINT,
  opened_at BIGINT NOT NULL,
  CHECK ((kind = 'shared_pin') = (pin IS NOT NULL))
);
CREATE INDEX registry_case_pin ON registry_case (pin);

CREATE TABLE registry_case_person (
  id TEXT NOT NULL,
  person TEXT NOT NULL,
  score BIGINT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (id, person)
);
CREATE INDEX registry_case_person_person ON registry_case_person (person);

CREATE TABLE registry_assignment (
  id TEXT NOT NULL,
  round BIGINT NOT NULL,
  seat BIGINT NOT NULL CHECK (seat BETWEEN 1 AND 3),
  officer TEXT NOT NULL,
  assigned_at BIGINT NOT NULL,
  PRIMARY KEY (id, round, seat),
  UNIQUE (id, round, officer)
);

CREATE TABLE registry_opinion (
  id TEXT NOT NULL,
  round BIGINT NOT NULL,
  officer TEXT NOT NULL,
  says TEXT NOT NULL CHECK (says IN ('same', 'distinct', 'keep')),
  keeps TEXT,
  policy TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  PRIMARY KEY (id, round, officer)
);

CREATE TABLE registry_verdict (
  verdict TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  round BIGINT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('distinct', 'duplicate', 'pin_kept')),
  person TEXT,
  keeps TEXT,
  policy TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  UNIQUE (id, round),
  CHECK ((outcome = 'duplicate') = (person IS NOT NULL)),
  CHECK ((outcome = 'distinct') = (keeps IS NULL))
);

CREATE TABLE registry_reversal (
  verdict TEXT PRIMARY KEY,
  reason TEXT NOT NULL,
  officer TEXT NOT NULL,
  reversed_at BIGINT NOT NULL
);

CREATE TABLE registry_read (
  position BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  staff TEXT NOT NULL,
  person TEXT,
  purpose TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash BLOB NOT NULL
);
CREATE INDEX registry_read_staff ON registry_read (staff, at);

CREATE TABLE registry_staff (
  staff TEXT PRIMARY KEY,
  display TEXT NOT NULL,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  active BIGINT NOT NULL CHECK (active IN (0, 1)),
  failures BIGINT NOT NULL,
  locked_until BIGINT NOT NULL
);

CREATE TABLE registry_session (
  id BLOB PRIMARY KEY,
  staff TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  ended_at BIGINT
);

CREATE TABLE electoral_journal (
  position BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  tx TEXT NOT NULL,
  author TEXT NOT NULL,
  person TEXT,
  act TEXT NOT NULL,
  body BLOB NOT NULL,
  hash BLOB NOT NULL
);
CREATE INDEX electoral_journal_person ON electoral_journal (person, position);

CREATE TABLE electoral_precinct (
  precinct BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  region TEXT NOT NULL,
  soate BIGINT NOT NULL,
  address_ky TEXT NOT NULL,
  address_ru TEXT NOT NULL,
  lon_microdegrees BIGINT NOT NULL,
  lat_microdegrees BIGINT NOT NULL,
  import_hash BIGINT NOT NULL
);

CREATE TABLE electoral_boundary (
  id TEXT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  geojson TEXT,
  street TEXT,
  parity TEXT CHECK (parity IN ('all', 'odd', 'even')),
  house_from BIGINT,
  house_to BIGINT,
  import_hash BIGINT NOT NULL,
  CHECK ((geojson IS NULL) = (street IS NOT NULL))
);
CREATE INDEX electoral_boundary_precinct ON electoral_boundary (precinct);

CREATE TABLE electoral_commission (
  id TEXT PRIMARY KEY,
  pin TEXT NOT NULL,
  surname TEXT NOT NULL,
  given TEXT NOT NULL,
  patronymic TEXT NOT NULL,
  born TEXT NOT NULL,
  address TEXT NOT NULL,
  precinct TEXT NOT NULL,
  import_hash BIGINT NOT NULL
);

CREATE TABLE electoral_claim (
  claim TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('form2', 'correction', 'inclusion', 'exclusion')),
  pin BIGINT NOT NULL,
  filed BIGINT NOT NULL,
  target BIGINT,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  identified BIGINT NOT NULL CHECK (identified IN (0, 1)),
  import_hash BIGINT NOT NULL
);
CREATE INDEX electoral_claim_pin ON electoral_claim (pin);
CREATE INDEX electoral_claim_filed ON electoral_claim (filed, claim)
