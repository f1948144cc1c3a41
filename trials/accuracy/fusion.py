#!/usr/bin/env python3
"""Fits the fusion of `instruments/fingerprint` and its calibration (numpy).

  tizme-pairs --images DIR --pairs PAIRS.csv --out M.csv --measures
  fusion.py M.csv                      # rates with weights fitted without each set; final weights
  fusion.py M.csv --impostors I.csv    # the same, and the table raw value -> score

Weights: logistic regression on the four FVC sets, each set and class with equal weight. A set's
own rates come from weights fitted on the other three; `neuro_uareu` is never fitted on.
The calibration takes the mean over the sets of each set's impostor distribution; `I.csv` is scored
with `--measures` on more impostor pairs of those sets.
"""
import argparse, csv
import numpy as np

FITTED = ['fvc2002_db1b', 'fvc2002_db3b', 'fvc2004_db2b', 'fvc2004_db3b']
UNMET = dict(turned=8.0, overlap_trust=15.0, bent=2.0, bent_px=5.5, bent_trust=2.0)
TERMS = ['ln relaxed', 'local', 'ln overlap_trust', 'ln bent', 'ln bent_trust', 'bent_px', 'turned']
SHIFT = {'relaxed': 0.01, 'overlap_trust': 3.0}


def load(path):
    rows = list(csv.DictReader(open(path)))
    db = np.array([r['db'] for r in rows])
    finger = lambda stem: stem.rsplit('_', 1)[0]
    genuine = np.array([finger(r['a']) == finger(r['b']) for r in rows])
    failed = np.array([float(r['score']) < -90 for r in rows])
    met = np.array([float(r['matched']) > 0 for r in rows])
    columns = []
    for term in TERMS:
        name = term.split()[-1]
        v = np.array([float(r[name]) for r in rows])
        if name in UNMET:
            v = np.where(met, v, UNMET[name])
        columns.append(np.log(v + SHIFT.get(name, 1.0)) if term.startswith('ln') else v)
    return db, genuine, np.stack(columns, 1), failed


def logistic(x, y, w, ridge=1e-3):
    mean, sd = x.mean(0), x.std(0) + 1e-9
    z = np.c_[(x - mean) / sd, np.ones(len(x))]
    b, penalty = np.zeros(z.shape[1]), np.eye(z.shape[1]) * ridge
    penalty[-1, -1] = 1e-9
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(z @ b, -30, 30)))
        h = (z * (w * p * (1 - p))[:, None]).T @ z + penalty
        b -= np.linalg.solve(h, z.T @ (w * (p - y)) + penalty @ b)
    c = b[:-1] / sd
    return c, b[-1] - (c * mean).sum()


def fit(db, genuine, x, sets):
    use, w = np.isin(db, sets), np.zeros(len(db))
    for s in sets:
        for kind in (True, False):
            i = (db == s) & (genuine == kind)
            w[i] = 0.5 / i.sum() / len(sets)
    return logistic(x[use], genuine[use], w[use])


def rates(genuine, impostor):
    t = np.unique(np.concatenate([genuine, impostor, [1e9]]))
    fnmr = np.searchsorted(np.sort(genuine), t, 'left') / len(genuine)
    fmr = 1 - np.searchsorted(np.sort(impostor), t, 'left') / len(impostor)
    k = np.abs(fnmr - fmr).argmin()
    at = lambda f: fnmr[fmr <= f + 1e-12].min()
    return 50 * (fnmr[k] + fmr[k]), 100 * at(0.01), 100 * at(0.001)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('measures')
    p.add_argument('--impostors')
    a = p.parse_args()
    db, genuine, x, failed = load(a.measures)
    score, table = np.zeros(len(db)), []
    for s in sorted(set(db)):
        c, b = fit(db, genuine, x, [f for f in FITTED if f != s])
        i = db == s
        score[i] = np.where(failed[i], -99, x[i] @ c + b)
        table.append(rates(score[i & genuine], score[i & ~genuine]))
        print(f'{s:14s} EER {table[-1][0]:6.2f}  FMR100 {table[-1][1]:6.2f}  FMR1000 {table[-1][2]:6.2f}')
    print('mean           EER {:6.2f}  FMR100 {:6.2f}  FMR1000 {:6.2f}'.format(*np.mean(table, 0)))
    c, b = fit(db, genuine, x, FITTED)
    for term, weight in zip(TERMS, c):
        print(f'{weight:8.3f}  {term}')
    print(f'{b:8.3f}')
    if a.impostors:
        more = load(a.impostors)
        sets = {s: np.sort((x[(db == s) & ~genuine] @ c + b)) for s in FITTED}
        for s in set(more[0]):
            sets[s] = np.sort(more[2][(more[0] == s) & ~more[1]] @ c + b)
        grid = np.arange(-14, 8, 0.01)
        fmr = np.mean([1 - np.searchsorted(v, grid, 'left') / len(v) for v in sets.values()], 0)
        for wanted in (0, 25, 50, 75, 100, 125, 150, 175, 200, 225, 250, 275, 300, 325, 350, 375, 400, 425, 450):
            at = grid[np.where(fmr <= 10 ** (-wanted / 100))[0][0]]
            print(f'{at:7.2f} -> {wanted}; impostors there: ' + ' '.join(str(int((v >= at).sum())) for v in sets.values()))


if __name__ == '__main__':
    main()
