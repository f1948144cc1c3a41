-- Election day at the centre: the public manifests of the station packages, and what stations said of their turnout
-- by the hour. Append-only: a later statement stands beside the earlier one, a rule says which counts.

CREATE TABLE electoral_station_manifest (
  precinct BIGINT NOT NULL,
  package BIGINT NOT NULL,
  document BLOB NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (precinct, package)
);

CREATE TABLE electoral_hour_message (
  number BIGINT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  kit BIGINT NOT NULL CHECK (kit BETWEEN 1 AND 99),
  scope BIGINT NOT NULL CHECK (scope IN (1, 2)),
  hour BIGINT NOT NULL CHECK (hour BETWEEN 1 AND 99),
  correction BIGINT NOT NULL CHECK (correction BETWEEN 1 AND 99),
  voters BIGINT NOT NULL CHECK (voters BETWEEN 0 AND 99999),
  channel TEXT NOT NULL CHECK (channel IN ('text', 'digits')),
  proof TEXT NOT NULL CHECK (proof IN ('unchecked', 'vouched', 'signed')),
  message TEXT NOT NULL,
  batch BIGINT,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE INDEX electoral_hour_message_precinct ON electoral_hour_message (precinct, hour);

CREATE TABLE electoral_hour_batch (
  batch BIGINT PRIMARY KEY,
  read_lines BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  known BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_hour_refused (
  batch BIGINT NOT NULL,
  line BIGINT NOT NULL,
  message TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (batch, line)
);

CREATE TABLE electoral_day_document (
  sha256 TEXT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('journal', 'initial', 'running', 'final')),
  kit TEXT NOT NULL,
  number BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE INDEX electoral_day_document_precinct ON electoral_day_document (precinct);

CREATE TABLE electoral_day_precinct (
  precinct BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  release BIGINT NOT NULL,
  lines BIGINT NOT NULL,
  lines_per_page BIGINT NOT NULL,
  counted BIGINT NOT NULL,
  whole BIGINT NOT NULL CHECK (whole IN (0, 1)),
  reported BIGINT,
  incidents BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (precinct, edition)
);

CREATE TABLE electoral_day_kit (
  precinct BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  name TEXT NOT NULL,
  events BIGINT NOT NULL,
  acts BIGINT NOT NULL,
  retired BIGINT NOT NULL CHECK (retired IN (0, 1)),
  closed BIGINT NOT NULL CHECK (closed IN (0, 1)),
  report BIGINT NOT NULL CHECK (report IN (0, 1)),
  PRIMARY KEY (precinct, edition, name)
);

CREATE TABLE electoral_day_mark (
  precinct BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  line BIGINT NOT NULL,
  kit TEXT NOT NULL,
  at BIGINT NOT NULL,
  method TEXT NOT NULL,
  person TEXT,
  PRIMARY KEY (precinct, edition, line)
);

CREATE INDEX electoral_day_mark_person ON electoral_day_mark (person);

CREATE TABLE electoral_day_incident (
  precinct BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  place BIGINT NOT NULL,
  code TEXT NOT NULL,
  line BIGINT NOT NULL,
  evidence TEXT NOT NULL,
  PRIMARY KEY (precinct, edition, place)
);

CREATE TABLE electoral_protocol_edition (
  edition BIGINT PRIMARY KEY,
  taken BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_protocol (
  edition BIGINT NOT NULL,
  precinct BIGINT NOT NULL,
  received BIGINT NOT NULL,
  not_on_list BIGINT NOT NULL,
  finger BIGINT NOT NULL,
  fallback BIGINT NOT NULL,
  fault BIGINT NOT NULL,
  PRIMARY KEY (edition, precinct)
);

CREATE TABLE electoral_protocol_refused (
  edition BIGINT NOT NULL,
  line BIGINT NOT NULL,
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (edition, line)
)
