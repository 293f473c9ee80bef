"""What more than one file of these tests stands on."""

from __future__ import annotations

import pytest

from initiatives.models import Participation, Progress
from stakeholders.models import Municipality
from tests.factories import cell_of, make_round, participation_of


@pytest.fixture
def here(korsbaek: Municipality) -> Participation:
    """Korsbæk in an open round."""
    make_round(name="Efteråret 2026")
    return participation_of(korsbaek)


@pytest.fixture
def cell(korsbaek: Municipality) -> Progress:
    """Korsbæk's recommendation 10."""
    return cell_of(10, korsbaek)
