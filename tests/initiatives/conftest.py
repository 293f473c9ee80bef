"""What more than one file of these tests stands on."""

from __future__ import annotations

import pytest

from initiatives.models import Indicator, Participation, Progress
from stakeholders.models import Municipality, User
from tests.factories import cell_of, make_round, participation_of

from .figure_files import make_indicator


@pytest.fixture
def here(korsbaek: Municipality) -> Participation:
    """Korsbæk in an open round."""
    make_round(name="Efteråret 2026")
    return participation_of(korsbaek)


@pytest.fixture
def cell(korsbaek: Municipality) -> Progress:
    """Korsbæk's recommendation 10."""
    return cell_of(10, korsbaek)


@pytest.fixture
def indicator(konsulent: User) -> Indicator:
    """One that KL has made, and of which there are no figures yet."""
    return make_indicator(konsulent)
