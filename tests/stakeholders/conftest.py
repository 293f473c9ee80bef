from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flere_haender import identity_providers
from tests.identity import KL_CVR, Provider, json_of, running_provider


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(provider_process: Provider, settings: Any) -> Iterator[Provider]:
    """A real identity provider, with which the service is connected in four ways."""
    apps = identity_providers.read(json_of(provider_process.settings()), provider_process.secrets())
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
    settings.KL_CVR = KL_CVR
    yield provider_process
    provider_process.fails("")
