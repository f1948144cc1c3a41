"""The chain from a snapshot to a list's root on Spark: the steps are `tizme batch step NAME`, the shuffles are Spark's.

    python chain.py --tizme BIN --snapshot DIR --params FILE --out DIR [--partitions N] [--cores N]

Writes OUT/decisions.parquet, claims.parquet, reconciliation.parquet, assignment.parquet, statistics.parquet and
root.hex. Retries, spill, object stores and clusters are Spark's; every decision is the binary's.
"""

import argparse
import json
import os
import subprocess
import sys
import threading

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

# Arrow's types as Spark names them; Spark has no unsigned numbers.
SPARK_TYPES = {
    "Utf8": "string",
    "UInt32": "bigint",
    "Int32": "int",
    "Int64": "bigint",
    "Boolean": "boolean",
    "Binary": "binary",
}

# Tables about persons: a fact is a row of one of them.
FACTS = ["persons", "documents", "residences", "civil_events", "enrolments", "claims"]


def steps_of(tizme):
    """The declarations of all steps, by name."""
    told = subprocess.run([tizme, "batch", "step", "--list", "--json"], check=True, capture_output=True)
    return {step["name"]: step for step in json.loads(told.stdout)}


def ddl(step):
    """The output of a step as a Spark schema."""
    return ", ".join(f"`{field['name']}` {SPARK_TYPES[field['type']]}" for field in step["output"])


def through(tizme, params, name):
    """A function for mapInArrow: one partition through one process of the binary."""

    def run(batches):
        first = next(batches, None)
        if first is None:
            return
        command = [tizme, "batch", "step", name, "--params", params]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = []
        # The binary reads everything before it answers, so that writing before reading cannot lock;
        # what it says is taken on the side.
        listener = threading.Thread(target=lambda: said.append(process.stderr.read()))
        listener.start()
        broken = None
        try:
            with pa.ipc.new_stream(process.stdin, first.schema) as sink:
                sink.write_batch(first)
                for batch in batches:
                    sink.write_batch(batch)
            process.stdin.close()
        except (BrokenPipeError, OSError) as error:
            # It refused before it had read all: its own word follows.
            broken = error
        answer = process.stdout.read()
        code = process.wait()
        listener.join()
        if code != 0 or broken:
            raise RuntimeError(f"tizme batch step {name}: exit {code}: {said[0].decode(errors='replace').strip()}")
        for batch in pa.ipc.open_stream(answer):
            # Unsigned numbers as Spark's long ones.
            wide = [
                column.cast(pa.int64()) if pa.types.is_unsigned_integer(column.type) else column
                for column in batch.columns
            ]
            yield pa.RecordBatch.from_arrays(wide, names=batch.schema.names)

    return run


class Chain:
    """Spark's side of the chain."""

    def __init__(self, spark, steps, arguments):
        self.spark, self.steps, self.at = spark, steps, arguments

    def table(self, name):
        return self.spark.read.parquet(f"{self.at.snapshot}/{name}.parquet")

    def parted(self, name, rows):
        """Rows that agree in the step's key, in one partition; without a key, all in one."""
        key = self.steps[name]["key"]
        if not key:
            return rows.coalesce(1)
        return rows.repartition(self.at.partitions, *[F.col(column) for column in key])

    def step(self, name, rows):
        wanted = [F.col(f"`{field['name']}`") for field in self.steps[name]["input"]]
        run = through(self.at.tizme, self.at.params, name)
        return self.parted(name, rows.select(*wanted)).mapInArrow(run, ddl(self.steps[name]))

    def write(self, name, rows, file):
        """Gathers a step's answers and writes the table file that the embedded driver writes."""
        gathered = rows.toArrow()
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, gathered.schema) as sink:
            sink.write_table(gathered)
        command = [self.at.tizme, "batch", "step", name, "--gather", "--parquet", f"{self.at.out}/{file}"]
        subprocess.run(command, input=stream.getvalue().to_pybytes(), check=True)

    def facts(self, clusters):
        """The rows of all tables about persons, each with its table and its cluster."""
        wanted = self.steps["decide"]["input"]
        facts = None
        for name in FACTS:
            rows = self.table(name).join(clusters, "person", "left")
            own = F.concat(F.lit("claim "), F.col("claim")) if name == "claims" else F.lit(None)
            rows = rows.withColumn("cluster", F.coalesce("cluster", own)).withColumn("table", F.lit(name))
            here = set(rows.columns)
            columns = [
                F.col(f"`{field['name']}`") if field["name"] in here
                else F.lit(None).cast(SPARK_TYPES[field["type"]]).alias(field["name"])
                for field in wanted
            ]
            rows = rows.select(*columns)
            facts = rows if facts is None else facts.unionByName(rows)
        return facts

    def run(self):
        persons = self.table("persons").select("person", "pin", "duplicate_of")
        clusters = self.step("clusters", persons).cache()
        facts = self.facts(clusters).cache()
        numbered = self.step("number", self.step("decide", facts)).cache()
        self.write("decisions", self.step("decisions", numbered), "decisions.parquet")
        self.write("claims", self.step("claims", facts), "claims.parquet")
        self.write("statistics", self.step("statistics", numbered), "statistics.parquet")
        root = self.step("root", self.step("leaves", numbered)).collect()[0]
        with open(f"{self.at.out}/root.hex", "w", encoding="ascii") as file:
            file.write(bytes(root["root"]).hex() + "\n")
        self.write("assign", self.step("assign", self.table("addresses")), "assignment.parquet")
        meanings = self.step("means", self.table("commission"))
        known = set(clusters.columns)
        members = clusters.select(
            *[
                F.lit("clusters").alias("table") if field["name"] == "table"
                else F.col(field["name"]) if field["name"] in known
                else F.lit(None).cast("string").alias(field["name"])
                for field in self.steps["means"]["output"]
            ]
        )
        judged = self.step("reconcile", meanings.unionByName(members))
        self.write("reconcile", judged, "reconciliation.parquet")
        print(f"root {bytes(root['root']).hex()}, {root['lines']} lines")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tizme", required=True, help="the binary, at the same path on every worker")
    parser.add_argument("--snapshot", required=True, help="the snapshot folder")
    parser.add_argument("--params", required=True, help="parameters of the steps, JSON")
    parser.add_argument("--out", required=True, help="an existing folder for the results")
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--cores", default="2")
    arguments = parser.parse_args()
    # Workers run the same Python, with its packages.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = (
        SparkSession.builder.master(f"local[{arguments.cores}]")
        .appName("tizme chain")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", str(arguments.partitions))
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "65536")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    try:
        Chain(spark, steps_of(arguments.tizme), arguments).run()
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
