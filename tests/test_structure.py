"""The shape of the house: imports run one way, files stay small, no inline script or style."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("flere_haender", "stakeholders", "timeline", "initiatives")

# Which of our packages each may import. The leaves of the frame import no app.
LEAF_NAMES = (
    "access",
    "addresses",
    "append_only",
    "background",
    "client_address",
    "days",
    "forked",
    "form_keys",
    "identity_providers",
    "leases",
    "pdf",
    "prepared",
    "tagging",
    "typed",
)
LEAVES = {f"flere_haender.{name}" for name in LEAF_NAMES}
MAY_IMPORT = {
    "stakeholders": {"stakeholders"},
    "timeline": {"timeline", "stakeholders"},
    "initiatives": {"initiatives", "timeline", "stakeholders"},
}
FRONT = {"flere_haender/urls.py", "flere_haender/views.py", "flere_haender/management/commands/serve.py"}
FRONT |= {f"flere_haender/management/commands/{name}.py" for name in ("queue", "prepare_database")}
FORBIDDEN_NAMES = {"utils.py", "services.py", "base.py", "helpers.py", "common.py"}


def sources() -> list[Path]:
    files = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    return [file for file in files if "migrations" not in file.parts]


def imports_of(file: Path) -> Iterator[str]:
    package = file.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def ours(names: Iterator[str]) -> set[str]:
    return {name for name in names if name.split(".")[0] in APPS}


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_run_one_way(file: Path) -> None:
    app = file.relative_to(ROOT).parts[0]
    for name in ours(imports_of(file)):
        top = name.split(".")[0]
        if app == "flere_haender":
            allowed = top == "flere_haender" or str(file.relative_to(ROOT)) in FRONT
        else:
            is_leaf = any(f"{name}.".startswith(f"{leaf}.") for leaf in LEAVES) or name == "flere_haender"
            allowed = top in MAY_IMPORT[app] or is_leaf
        assert allowed, f"{file.relative_to(ROOT)} imports {name}"


def test_the_leaves_import_no_app() -> None:
    for leaf in LEAVES:
        for name in ours(imports_of(ROOT / f"{leaf.replace('.', '/')}.py")) - {"flere_haender"}:
            assert name in LEAVES or name.rpartition(".")[0] in LEAVES, f"{leaf} imports {name}"


def test_only_one_module_knows_the_pdf_library() -> None:
    knowing = [file for file in sources() if any(name.startswith("weasyprint") for name in imports_of(file))]
    assert [str(file.relative_to(ROOT)) for file in knowing] == ["flere_haender/pdf.py"]


def test_files_are_small_and_named_for_what_they_hold() -> None:
    for file in (*sources(), *(ROOT / "tests").rglob("*.py")):
        lines = file.read_text(encoding="utf-8").count("\n")
        assert lines <= 400, f"{file.relative_to(ROOT)} has {lines} lines"
    named = {file.name for file in sources() if "embedded_postgres" not in file.parts}
    assert not named & FORBIDDEN_NAMES


def test_functions_are_small() -> None:
    lengths, views = [], []
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lengths.append((node.end_lineno or 0) - node.body[0].lineno + 1)
                if "views" in str(file.relative_to(ROOT)):
                    views.append((lengths[-1], node.name))
    assert median(lengths) <= 8
    assert max(views)[0] <= 45, max(views)


def test_state_changes_have_one_door() -> None:
    """No ``save()`` of our own on models and no signals; the log is written by its verbs and the loaders."""
    for file in sources():
        text = file.read_text(encoding="utf-8")
        assert "django.db.models.signals" not in text, file
        if "models" in str(file):
            assert "def save(" not in text, file


def test_no_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son(?:click|change|submit|load|input)=|javascript:")
    for file in (ROOT / "templates").rglob("*.html"):
        found = inline.search(file.read_text(encoding="utf-8"))
        assert not found, f"{file.relative_to(ROOT)}: {found and found.group()}"


def test_nothing_comes_from_another_host() -> None:
    """Pages load scripts, styles, fonts and images from ourselves alone."""
    remote = re.compile(r"""(?:src|href)=["'](?:https?:)?//""")
    loading = re.compile(r"<(?:script|link|img|iframe)[^>]*>")
    for file in (ROOT / "templates").rglob("*.html"):
        for tag in loading.findall(file.read_text(encoding="utf-8")):
            assert not remote.search(tag), f"{file.relative_to(ROOT)}: {tag}"
    for file in (ROOT / "flere_haender" / "frontend").glob("*.scss"):
        assert "url(http" not in file.read_text(encoding="utf-8")
