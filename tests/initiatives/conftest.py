"""What more than one file of these tests stands on."""

from __future__ import annotations

import pytest

from initiatives.models import Participation
from stakeholders.models import Municipality
from tests.factories import make_round, participation_of


@pytest.fixture
def here(korsbaek: Municipality) -> Participation:
    """Korsbæk in an open round."""
    make_round(name="Efteråret 2026")
    return participation_of(korsbaek)
