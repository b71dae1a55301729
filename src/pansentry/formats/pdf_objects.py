"""The objects of a PDF that hold text outside its pages: strings, names, form fields, appearances, streams, files.

In: a document opened by pikepdf (qpdf). Out: places to read and to write: :class:`Words` for strings, objects for
streams. PDF 32000-1: §7.9.2 (text strings), §12.7 (forms), §12.5.5 (appearances), §7.11 (files), §14.3 (metadata),
§12.3 (outlines, destinations), §12.6.4 (actions, JavaScript), §14.8 (structure), §8.11 (layers).

Every string of every object is read, whatever it is called, so there is no list of keys that an attack could go
round. Resists: object loops (indirect objects are not followed, they are visited one by one), page trees that are
loops or share their branches, streams that inflate beyond the limits.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pansentry.edits import Edit, apply
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import container

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.limits import DocumentLimits

_HAS_STRING = re.compile(rb"\([^)]|<[0-9A-Fa-f]|/[^\s/<>\[\]()]*[0-9]{6}")
_ESCAPED_DIGIT = re.compile(r"%3[0-9]")  # of an address (§12.6.4.8); who opens it gets the digit
_REFERENCE = re.compile(rb"(?<![0-9])([0-9]{1,10} [0-9]{1,5}) R\b")
_MAX_NESTING = 50
_MAX_TREE_STEPS = 200_000
_NAME_DIGITS = 8
_PROGRAMS = ("/FunctionType", "/ShadingType", "/PatternType", "/CMapName", "/Length1", "/Length2", "/HalftoneType")
_CLOSED_TYPES = ("/XRef", "/ObjStm", "/CMap", "/Halftone", "/XObject", "/Pattern", "/Sig", "/EmbeddedFile")
_CLOSED_SUBTYPES = ("/Image", "/Form", "/PS", "/Type1C", "/CIDFontType0C", "/OpenType")
_CHUNK = 1 << 20


@dataclass(slots=True)
class Words:
    """Strings that are read in a row. ``pieces`` are (start in the text, length, what writes the new string)."""

    text: str = field(default="", repr=False)
    pieces: list[tuple[int, str, Callable[[str], None]]] = field(default_factory=list, repr=False)
    rich: list[tuple[str, Callable[[str], None]]] = field(default_factory=list, repr=False)
    """Strings with markup (§12.7.3.4) or escapes of addresses in them, which have to be read as such, too."""

    def add(self, text: str, write: Callable[[str], None], before: str = "", after: str = "\n") -> None:
        """Append a string, behind ``before``."""
        self.text += before
        self.pieces.append((len(self.text), text, write))
        self.text += text + after

    def cut(self, edits: Sequence[Edit[str]]) -> None:
        """Write the strings anew that edits of ``text`` fall into."""
        for start, old, write in self.pieces:
            end = start + len(old)
            inside = [
                Edit(max(e.start, start) - start, min(e.end, end) - start, _part(e, start, end))
                for e in edits
                if e.start < end and start < e.end
            ]
            if inside:
                write(apply(old, inside))


def _part(edit: Edit[str], start: int, end: int) -> str:
    """Return what of an edit's new text falls between start and end; it is as long as what it replaces."""
    return edit.new[max(start - edit.start, 0) : max(min(end, edit.end) - edit.start, 0)]


def count_pages(pdf: Any, limits: DocumentLimits) -> int:
    """Count the pages without trusting a number. Raises LimitExceededError, DamagedError."""
    import pikepdf

    pages = steps = 0
    todo: list[tuple[Any, int]] = [(pdf.Root.get("/Pages"), 0)]
    while todo:
        node, depth = todo.pop()
        steps += 1
        if depth > _MAX_NESTING:  # a node that is its own descendant (§7.7.3.2 knows no loops)
            raise DamagedError("damaged")
        if steps > _MAX_TREE_STEPS:
            raise LimitExceededError("max_pages")
        if not isinstance(node, pikepdf.Dictionary):
            continue
        kids = node.get("/Kids")
        if kids is None:
            pages += 1
            if pages > limits.max_pages:
                raise LimitExceededError("max_pages")
        elif isinstance(kids, pikepdf.Array):
            if len(kids) > _MAX_TREE_STEPS:
                raise LimitExceededError("max_pages")
            todo += [(kid, depth + 1) for kid in kids]
    return pages


def words(pdf: Any) -> Iterator[tuple[Any, Words]]:
    """Yield the strings of each object that has any with a digit in it, with the object.

    A string that is an object of its own is read where it is named, and once more by itself: perhaps nobody names it.
    """
    import pikepdf

    things = [pdf.trailer, *pdf.objects]
    strings = (thing for thing in things if isinstance(thing, pikepdf.String))
    alone = {b"%d %d" % one.objgen for one in strings if any(map(str.isdigit, str(one)))}
    for thing in things:
        top = thing
        if isinstance(top, pikepdf.Stream):
            top = top.stream_dict
        elif isinstance(top, pikepdf.String):
            if any(map(str.isdigit, str(top))):
                yield thing, _lonely(str(top))
            continue
        elif not isinstance(top, pikepdf.Dictionary | pikepdf.Array):
            continue
        written = top.unparse(resolved=True)
        is_named = bool(alone) and not alone.isdisjoint(_REFERENCE.findall(written))
        if thing is not pdf.trailer and not is_named and not _HAS_STRING.search(written):
            continue
        said = Words()
        _collect(top, said, 0)
        if any(character.isdigit() for character in said.text):
            yield thing, said


def _lonely(text: str) -> Words:
    """Return a string that is an object; where it is named, another is put in its place, and it is not written."""
    said = Words()
    said.add(text, _left_out)
    return said


def _left_out(new: str) -> None:
    """Write nothing."""


def name_of(value: Any) -> str:
    """Return a name as text; names are bytes, mostly but not always UTF-8 (§7.3.5)."""
    try:
        return str(value)
    except UnicodeDecodeError:
        return str(value.unparse().decode("latin-1"))


def _collect(node: Any, said: Words, depth: int) -> None:
    """Add the strings and telling names of a direct object; others are visited on their own."""
    import pikepdf

    if depth > _MAX_NESTING:
        return
    if isinstance(node, pikepdf.Dictionary):
        try:
            items: list[tuple[Any, Any]] = [(key, node[key]) for key in list(node.keys())]
        except UnicodeDecodeError:  # keys that cannot be addressed: what is in there is read, and cannot be written
            said.add(node.unparse(resolved=True).decode("latin-1"), _refuse)
            return
        is_signature = node.get("/Type") == pikepdf.Name.Sig
        items = [(k, v) for k, v in items if k != "/ID" and not (is_signature and k == "/Contents")]
    elif isinstance(node, pikepdf.Array):
        items = [(index, node[index]) for index in range(len(node))]
    else:
        return
    is_information = any(key in _INFORMATION for key, _ in items)
    for key, value in items:
        if isinstance(key, str) and sum(map(str.isdigit, key)) >= _NAME_DIGITS:
            said.add(key[1:], _renamer(node, key))
        if isinstance(value, pikepdf.String):
            text, write = str(value), setter(node, key)
            own = is_information and isinstance(key, str) and key not in _INFORMATION
            said.add(text, write, f"{_BETWEEN_WORDS.sub(' ', key[1:])}: " if own else "")
            if "</" in text or _ESCAPED_DIGIT.search(text):
                said.rich.append((text, write))
            continue
        if isinstance(value, pikepdf.Object) and value.is_indirect:
            continue
        if isinstance(value, pikepdf.Name):
            name = name_of(value)
            if sum(map(str.isdigit, name)) >= _NAME_DIGITS:
                said.add(name[1:], _name_setter(node, key))
        else:
            _collect(value, said, depth + 1)


_INFORMATION = frozenset(
    ("/Title", "/Author", "/Subject", "/Keywords", "/Creator", "/Producer", "/CreationDate", "/ModDate", "/Trapped")
)
"""Keys of a document's information (§14.3.3); others beside them are its writer's own, and name what they hold."""
_BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|_")


def _refuse(new: str) -> None:
    raise DamagedError("cannot-rewrite")


def setter(node: Any, key: Any) -> Callable[[str], None]:
    """Return what writes a string; two passages can show it, and what one of them has masked stays so."""
    old = str(node[key])

    def write(new: str) -> None:
        import pikepdf

        now = str(node[key])
        if len(now) == len(old) == len(new):
            new = "".join(n if n != o else c for c, n, o in zip(now, new, old, strict=True))
        node[key] = pikepdf.String(new)

    return write


def _name_setter(node: Any, key: Any) -> Callable[[str], None]:
    def write(new: str) -> None:
        import pikepdf

        node[key] = pikepdf.Name("/" + new)

    return write


def _renamer(node: Any, key: str) -> Callable[[str], None]:
    def write(new: str) -> None:
        node["/" + new] = node[key]
        del node[key]

    return write


def appearances(pdf: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (annotation or field, appearance stream) for each appearance of each of them."""
    import pikepdf

    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Dictionary) or "/AP" not in thing:
            continue
        looks = thing["/AP"]
        if not isinstance(looks, pikepdf.Dictionary):
            continue
        for key in list(looks.keys()):
            look = looks[key]
            states = (
                [look]
                if isinstance(look, pikepdf.Stream)
                else [look[k] for k in list(look.keys())]
                if isinstance(look, pikepdf.Dictionary)
                else []
            )
            for state in states:
                if isinstance(state, pikepdf.Stream):
                    yield thing, state


def files(pdf: Any) -> Iterator[tuple[Any, str]]:
    """Yield every embedded file's stream with its name."""
    import pikepdf

    seen: set[tuple[int, int]] = set()
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            continue
        stated = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
        if isinstance(thing, pikepdf.Stream) and stated.get("/Type") == "/EmbeddedFile" and thing.objgen not in seen:
            seen.add(thing.objgen)
            yield thing, ""
        listed = stated.get("/EF")
        if isinstance(listed, pikepdf.Dictionary):
            name = next((str(stated[k]) for k in ("/UF", "/F") if isinstance(stated.get(k), pikepdf.String)), "")
            for key in list(listed.keys()):
                stream = listed[key]
                if isinstance(stream, pikepdf.Stream) and stream.objgen not in seen:
                    seen.add(stream.objgen)
                    yield stream, name


def other_streams(pdf: Any, taken: set[tuple[int, int]]) -> Iterator[Any]:
    """Yield the streams that hold neither a page, a picture, a font nor a program: metadata, scripts, form data."""
    import pikepdf

    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Stream) or thing.objgen in taken:
            continue
        stated = thing.stream_dict
        if name_of(stated.get("/Type", "")) in _CLOSED_TYPES or name_of(stated.get("/Subtype", "")) in _CLOSED_SUBTYPES:
            continue
        if any(key in stated for key in _PROGRAMS):
            continue
        yield thing


def is_signed(pdf: Any) -> bool:
    """Say whether a signature covers the document (§12.8): a form's signature flag with its first bit set."""
    import pikepdf

    form = pdf.Root.get("/AcroForm")
    flags = form.get("/SigFlags", 0) if isinstance(form, pikepdf.Dictionary) else 0
    return isinstance(flags, int) and bool(flags & 1)


def measure_streams(pdf: Any, limits: DocumentLimits) -> None:
    """Inflate every stream once and keep nothing, so that a bomb is known before a library unpacks it."""
    import pikepdf

    budget = container.Budget(limits)
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Stream):
            continue
        filters = thing.stream_dict.get("/Filter")
        chain = [name_of(one) for one in filters] if isinstance(filters, pikepdf.Array) else [name_of(filters)]
        if not any(one in ("/FlateDecode", "/Fl") for one in chain):
            continue
        is_picture = thing.stream_dict.get("/Subtype") == "/Image"
        try:
            data = thing.read_raw_bytes()
            for one in chain:
                if one not in ("/FlateDecode", "/Fl"):
                    break
                if is_picture:  # drawn one after the other, so each counts alone; an empty page packs very well
                    budget.total = 0
                data = _inflated(data, budget, keep=len(chain) > 1, any_ratio=is_picture)
        except (DamagedError, pikepdf.PdfError):
            continue


def _inflated(packed: bytes, budget: container.Budget, *, keep: bool, any_ratio: bool) -> bytes:
    machine, pieces, total, rest = zlib.decompressobj(), [], 0, packed
    while not machine.eof:
        try:
            piece = machine.decompress(rest, _CHUNK)
        except zlib.error:
            break
        if not piece and not machine.unconsumed_tail:
            break
        total += len(piece)
        rest = machine.unconsumed_tail
        budget.unpacked(len(piece), total, len(packed) - len(rest), len(packed) if not any_ratio else total)
        if keep:
            pieces.append(piece)
    return b"".join(pieces)
