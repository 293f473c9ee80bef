"""Django's PostgreSQL backend on the embedded server: `"ENGINE": "flere_haender.embedded_postgres"`."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base, client
from django.db.utils import OperationalError

from .home import server_for
from .server import PORT, USER, Server, ServerError


@cache
def embedded_server() -> Server:
    """The embedded server of this checkout. Raises ServerError."""
    return server_for(settings.BASE_DIR)


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell` with the server's own psql."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        return [str(embedded_server().programs / "psql"), *arguments[1:]], environment

    def runshell(self, parameters: Iterable[str]) -> None:
        self.connection.get_connection_params()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """Makes sure that the server runs before each new connection."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        try:
            socket_folder = embedded_server().ensure_running()
        except ServerError as error:
            raise OperationalError(str(error)) from error
        self.settings_dict.update(HOST=str(socket_folder), PORT=PORT, USER=USER)
        return super().get_connection_params()
