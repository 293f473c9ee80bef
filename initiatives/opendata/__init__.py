"""Open data: what is public, as files with fixed columns. The page, the files and the tests read one registry."""

from .background import CASES, COMMITMENTS, EVENTS, INDICATORS, PROGRAMMES
from .dataset import Column, Dataset, Kind, Row
from .formats import FORMATS, etag_of
from .plan import MUNICIPALITIES, RECOMMENDATIONS, STATUS

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        RECOMMENDATIONS,
        STATUS,
        EVENTS,
        COMMITMENTS,
        INDICATORS,
        CASES,
        PROGRAMMES,
        MUNICIPALITIES,
    )
}

__all__ = ["DATASETS", "FORMATS", "Column", "Dataset", "Kind", "Row", "etag_of"]
