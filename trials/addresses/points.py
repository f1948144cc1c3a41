#!/usr/bin/env python3
"""1.3 million points in 2,374 polygons: tizme beside shapely, same input, same run.
usage: points.py DATA TIZME_POINTS   (DATA holds precincts.parquet and addr.parquet of `gen.py geo`)
Coordinates become integer micro-degrees (a hundredth of a metre of the plane) before either reads them.
A point on an edge is counted apart: shapely's `within` gives it to nobody, tizme to exactly one polygon.
Exit 1 when the two disagree elsewhere, or tizme takes more than 3 CPU seconds."""
import os, subprocess, sys, time
import numpy as np, pyarrow.parquet as pq, shapely

data, tizme = sys.argv[1:3]
polygons = shapely.from_wkb(pq.read_table(os.path.join(data, 'precincts.parquet'))['wkb'].to_numpy(zero_copy_only=False))
points = pq.read_table(os.path.join(data, 'addr.parquet'))
micro = lambda km: np.rint(np.asarray(km) * 1e5).astype(np.int64)
rounded = shapely.transform(polygons, lambda xy: micro(xy).astype(float))
valid = shapely.is_valid(rounded)
x, y = micro(points['x'].to_numpy()), micro(points['y'].to_numpy())
with open(os.path.join(data, 'polygons.geojsonl'), 'w') as out:
    for shape in shapely.transform(rounded, lambda xy: xy / 1e6):
        out.write(shapely.to_geojson(shape) + '\n')
np.savetxt(os.path.join(data, 'points.csv'), np.column_stack([x, y]), fmt='%d', delimiter=',')

answers = os.path.join(data, 'answers.txt')
told = subprocess.run([tizme, os.path.join(data, 'polygons.geojsonl'), os.path.join(data, 'points.csv'), answers],
                      check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
print(told)
ours = np.loadtxt(answers, dtype=np.int64)

before = time.process_time()
tree = shapely.STRtree(rounded)
places = shapely.points(x.astype(float), y.astype(float))
at, polygon = tree.query(places, predicate='within')
spent = time.process_time() - before
theirs = np.full(len(x), len(rounded), dtype=np.int64)
np.minimum.at(theirs, at, polygon)
theirs[theirs == len(rounded)] = -1
print(f'shapely {shapely.__version__}: {len(x)} points placed in {spent:.2f} CPU-s; {int((~valid).sum())} polygons are invalid after rounding')

differ = np.flatnonzero(ours != theirs)
edge = np.array([any(shapely.distance(places[i], shapely.boundary(rounded[j])) == 0 for j in {ours[i], theirs[i]} if j >= 0) for i in differ], dtype=bool)
broken = np.array([any(not valid[j] for j in {ours[i], theirs[i]} if j >= 0) for i in differ], dtype=bool)
unexplained = int((~edge & ~broken).sum()) if len(differ) else 0
print(f'{len(differ)} points differ: {int(edge.sum()) if len(differ) else 0} lie on an edge, '
      f'{int((broken & ~edge).sum()) if len(differ) else 0} concern a polygon that is invalid after rounding, {unexplained} are unexplained')
ours_seconds = float(told.split('points placed in ')[1].split(' CPU-s')[0])
print(f'ratio of processor time: {ours_seconds / spent:.2f}')
sys.exit(1 if unexplained or ours_seconds > 3 else 0)
