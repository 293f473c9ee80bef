"""Mends the structure of a PDF for those who do not see it, before it is written.

The printer makes a tree of tags for each page, so that a table over three pages is three tables, each with its head.
Here what belongs together becomes one, repeated heads and running heads become artifacts, and the header cells say
what they are the heading of. It works on the printer's own objects in memory and costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# A link or a figure holds its content directly, which lies on one page.
WHOLE = ("/Link", "/Figure")
SCOPES = {"/THead": "/Column", "/TBody": "/Row"}


class Structure:
    """The tags of a document. ``pages`` are those of the printer, with their boxes; ``pdf`` holds its objects."""

    def __init__(self, pages: list[Any], pdf: Any) -> None:
        self.pages, self.pdf = pages, pdf
        self.root = self._object(pdf.catalog["StructTreeRoot"])
        self.top = self._object(self.root["K"][0])

    def mend(self) -> None:
        self._join_pages()
        for element in self._below(self.top):
            if element["S"] == "/Table":
                self._name_headings(element)
        self._leave_out_what_is_not_in_the_tree()
        self._name_links()

    def _object(self, reference: bytes) -> Any:
        return self.pdf.objects[int(reference.split()[0])]

    def _kids(self, element: Any) -> list[Any]:
        """The elements in an element; what is not one is content."""
        found = [self._object(kid) for kid in element.get("K", ()) if isinstance(kid, bytes)]
        return [kid for kid in found if kid.get("Type") == "/StructElem"]

    def _below(self, element: Any) -> Iterator[Any]:
        for kid in self._kids(element):
            yield kid
            yield from self._below(kid)

    def _join_pages(self) -> None:
        """Put the elements that go on to the next page together again."""
        tops = {reference: [] for reference in self.pdf.page_references}  # type: dict[Any, list[Any]]
        for element in self._kids(self.top):
            tops[element["Pg"]].append(element)
        before, last = None, None
        whole: list[Any] = []
        for page, elements in zip(self.pages, tops.values(), strict=True):
            depth = len(_both(_spine(before, at=-1), _spine(page, at=0))) if before else 0
            if depth and last and elements:
                self._join(last, elements.pop(0), depth)
            whole += elements
            before, last = page, whole[-1] if whole else None
        self.top["K"][:] = [element.reference for element in whole]

    def _join(self, element: Any, rest: Any, depth: int) -> None:
        """Put what is in ``rest`` into ``element``: one and the same for ``depth`` levels from here."""
        here, there = self._kids(element), self._kids(rest)
        if there and there[0]["S"] == "/THead":
            head = there.pop(0)  # printed again, or for the first time where there was no room
            if here[0]["S"] != "/THead":
                head["P"] = element.reference
                element["K"].insert(0, head.reference)
        if element["S"] == "/TR":
            for cell, more in zip(here, there, strict=False):
                self._join(cell, more, 1)
            return
        deeper = depth if element["S"] == "/LI" else depth - 1  # an item and its body are one element of the page
        if deeper and here and there and here[-1]["S"] == there[0]["S"] not in WHOLE:
            self._join(here[-1], there.pop(0), deeper)
        for kid in there:
            kid["P"] = element.reference
            element["K"].append(kid.reference)

    def _name_headings(self, table: Any) -> None:
        """Each header cell says whether it heads a column or a row; then no cell need name its headings."""
        for part in self._kids(table):
            for cell in (cell for row in self._kids(part) for cell in self._kids(row)):
                cell.pop("ID", None)
                cell["A"].pop("Headers", None)
                if cell["S"] == "/TH":
                    cell["A"]["Scope"] = SCOPES.get(part["S"], "/Column")
                elif len(cell["A"]) == 1:
                    del cell["A"]

    def _leave_out_what_is_not_in_the_tree(self) -> None:
        """What is printed and is in no element of the tree is an artifact: the heads and feet of the pages."""
        kept = {element.reference for element in self._below(self.top)}
        numbers = self._object(self.root["ParentTree"])["Nums"]
        for page, owners in zip(self.pdf.page_references, numbers[1 : 2 * len(self.pages) : 2], strict=True):
            left_out = {place for place, owner in enumerate(owners) if owner not in kept}
            if left_out:
                _make_artifacts(self._object(self._object(page)["Contents"]).stream, left_out)
                owners[:] = ["null" if place in left_out else owner for place, owner in enumerate(owners)]

    def _name_links(self) -> None:
        """A link within the document is called what it says, and not by its address."""
        html = next(box.element for box in self.pages[0]._page_box.children if box.element_tag == "html")
        said = {link.get("href", "").removeprefix("#"): "".join(link.itertext()) for link in html.iter("a")}
        for page in self.pdf.page_references:
            for annotation in map(self._object, self._object(page).get("Annots", ())):
                if "Dest" in annotation and (text := said.get(annotation["Dest"].string)):
                    annotation["Contents"] = type(annotation["Dest"])(text)


def _make_artifacts(stream: list[Any], marks: set[int]) -> None:
    """In a page's content, where a marked part begins with its tag and its number."""
    for place, item in enumerate(stream):
        if isinstance(item, dict) and item.get("MCID") in marks:
            stream[place - 1], stream[place], stream[place + 1] = "/Artifact", b"", b"BMC"


def _spine(page: Any, *, at: int) -> list[Any]:
    """The HTML elements of the first (``at`` 0) or last (-1) box of a page, from the outermost below the body."""
    found: list[Any] = []
    box = next(box for box in page._page_box.children if box.element_tag == "html")
    while children := [child for child in getattr(box, "children", ()) if _is_content(child)]:
        box = children[at]
        if box.element is not None and box.element_tag not in ("html", "body") and box.element not in found:
            found.append(box.element)
    return found


def _is_content(box: Any) -> bool:
    """Whether it is more than the head of a table, which is printed again."""
    return not getattr(box, "is_header", False)


def _both(one: list[Any], other: list[Any]) -> list[Any]:
    """What two spines have in common from the outermost on."""
    common = []
    for first, second in zip(one, other, strict=False):
        if first is not second:
            break
        common.append(first)
    return common
