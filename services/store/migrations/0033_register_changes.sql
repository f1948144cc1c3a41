-- What became of a row after its first import: a document's status, a residence's end, a record put right, premises
-- that moved. The rows of before stay as they are. Append-only.

CREATE TABLE registry_document_status (
  number TEXT NOT NULL,
  position BIGINT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('invalid', 'lost', 'stolen', 'exchanged', 'expired', 'withdrawn')),
  from_day TEXT NOT NULL,
  import_hash BIGINT NOT NULL,
  PRIMARY KEY (number, position)
);

CREATE TABLE registry_residence_end (
  person TEXT NOT NULL,
  address TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('residence', 'stay')),
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,
  position BIGINT NOT NULL,
  import_hash BIGINT NOT NULL,
  PRIMARY KEY (person, address, kind, from_day)
);

CREATE TABLE registry_correction (
  event TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  day TEXT NOT NULL,
  act_number TEXT NOT NULL,
  born TEXT,
  position BIGINT NOT NULL,
  import_hash BIGINT NOT NULL
);
CREATE INDEX registry_correction_person ON registry_correction (person, position);

CREATE TABLE electoral_precinct_premises (
  precinct BIGINT NOT NULL,
  position BIGINT NOT NULL,
  address_ky TEXT NOT NULL,
  address_ru TEXT NOT NULL,
  lon_microdegrees BIGINT NOT NULL,
  lat_microdegrees BIGINT NOT NULL,
  from_day TEXT NOT NULL,
  import_hash BIGINT NOT NULL,
  PRIMARY KEY (precinct, position)
)
