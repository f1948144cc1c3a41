"""What of the chain can be said in SQL, by DuckDB: duckdb_chain.py SNAPSHOT ROLL [THREADS]

Reads the same Parquet files: who of the register is of age, alive and enrolled; rows of the commission's list found by
PIN and birth date, by name and birth date; lines numbered by precinct. It finds no misspelt name, places no address,
signs and seals nothing. Prints one JSON line: rows found, wall and processor seconds of each question, peak MB.
"""
import json, resource, sys, time

import duckdb

snapshot, roll = sys.argv[1:3]
threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
db = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
table = lambda name: f"read_parquet('{snapshot}/{name}.parquet')"
told = {}


def ask(name, sql):
    wall, cpu = time.monotonic(), time.process_time()
    rows = db.execute(sql).fetchone()[0]
    told[name] = {"rows": rows, "seconds": round(time.monotonic() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2)}


ask("eligible", f"""
    CREATE TABLE eligible AS SELECT p.person, p.pin, p.surname, p.given, p.patronymic, p.born FROM {table('persons')} p
    WHERE p.standing = 'unique' AND p.citizenship = 'KGZ' AND NOT p.pin_conflict AND p.born <= '1997-10-04'
      AND EXISTS (SELECT 1 FROM {table('residences')} r WHERE r.person = p.person AND r.kind = 'residence'
                  AND r.from <= '2015-10-04' AND (r.until IS NULL OR r.until > '2015-10-04'))""")
# Dates of the commission's list come in two forms.
ask("by_pin", f"""
    CREATE TABLE rows AS SELECT row, pin, lower(trim(surname)) surname, lower(trim(given)) given, precinct, address,
      CASE WHEN born LIKE '__.__.____' THEN substr(born, 7) || '-' || substr(born, 4, 2) || '-' || substr(born, 1, 2) ELSE born END born
    FROM {table('commission')};
    CREATE TABLE found AS SELECT c.row, p.person FROM rows c JOIN {table('persons')} p ON c.pin = p.pin AND c.born = p.born;
    SELECT count(DISTINCT row) FROM found""")
ask("by_name", f"""
    INSERT INTO found SELECT c.row, p.person FROM rows c ANTI JOIN found f ON f.row = c.row
    JOIN {table('persons')} p ON c.surname = lower(p.surname) AND c.given = lower(p.given) AND c.born = p.born;
    SELECT count(DISTINCT row) FROM found""")
ask("numbered", f"""
    SELECT count(*) FROM (SELECT d.precinct, row_number() OVER (PARTITION BY d.precinct ORDER BY p.surname, p.given, p.patronymic, p.born, p.person) line
    FROM read_parquet('{roll}/decisions.parquet') d JOIN {table('persons')} p USING (person) WHERE d.precinct IS NOT NULL)""")
told["cpu_s"] = round(sum(part["cpu_s"] for part in told.values()), 2)
told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps(told))
