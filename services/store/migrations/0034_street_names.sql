-- Streets by date and buildings with two addresses: how a street was renamed, its names beside the printed one (of rows
-- with one first day the last holds), and further addresses of a house. Append-only.

CREATE TABLE registry_street_rename (
  street TEXT NOT NULL,
  position BIGINT NOT NULL,
  name_before TEXT NOT NULL,
  name_after TEXT NOT NULL,
  from_day TEXT NOT NULL,
  PRIMARY KEY (street, position)
);

CREATE TABLE registry_street_name (
  street TEXT NOT NULL,
  position BIGINT NOT NULL,
  name TEXT NOT NULL,
  from_day TEXT,
  until_day TEXT,
  PRIMARY KEY (street, position)
);

CREATE TABLE registry_second_address (
  address TEXT NOT NULL,
  street TEXT NOT NULL,
  house TEXT NOT NULL,
  soate BIGINT NOT NULL,
  street_name TEXT NOT NULL,
  position BIGINT NOT NULL,
  import_hash BIGINT NOT NULL,
  PRIMARY KEY (address, street, house)
);
CREATE INDEX registry_second_address_street ON registry_second_address (street)
