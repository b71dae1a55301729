"""Letter templates: what they may contain, checked before anything is rendered.

In: the text of a Jinja2 template. Out: a compiled template, or flaws with file and line. The admin's templates run in
the sandbox (``ImmutableSandboxedEnvironment``, ``StrictUndefined``), but a sandbox does not stop ``'a' * 10**9`` or
five nested loops; so the syntax tree must consist of an allow-list of nodes: text, names, ``if``, and ``for`` over
lists that we provide. There is no arithmetic, no call, no macro, no ``set`` in a loop, no filter that can grow its
input. A template cannot be a bomb.

Unknown names are flaws at load, with the nearest known name. Output is capped at :data:`MAX_OUTPUT` all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import (
    Environment,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pansentry.configuration.explain import closest
from pansentry.errors import ConfigurationError, Flaw

MAX_OUTPUT = 100_000
"""Characters. Gmail clips HTML at about 100 KB."""
MAX_LOOP_DEPTH = 3

Render = Callable[[Mapping[str, Any]], str]

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "business": ("name", "phone", "hours", "pay_page", "website", "authenticity_page", "person"),
    "customer": ("name",),
    "removed": (),
    "ways": (),
    "way": ("kind", "value", "note"),
    "kind": (),
    "again": (),
    "only_code_or_expiry": (),
    "reference": (),
    "kept_days": (),
    "language": (),
    "direction": (),
    "subject": (),
    "letters": (),
    "letter": ("language", "direction", "blocks"),
    "block": ("kind", "lines", "items"),
    "item": ("label", "shown", "note", "href", "is_button"),
    "loop": ("first", "last", "index"),
}
"""Names a template may use, with their attributes; loop variables are called after what they run over."""

_LISTS = {"removed", "ways", "letters", "blocks", "items", "lines"}
_FILTERS = {"e", "escape", "upper", "lower", "capitalize", "trim"}
_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.If,
    nodes.For, nodes.Filter, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Assign, nodes.Dict,
    nodes.Pair, nodes.CondExpr, nodes.Extends, nodes.Block, nodes.Include,
)  # fmt: skip


class Unset(StrictUndefined):
    """A fact the business did not give: false in ``if``, an error where it is printed."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # strict in print, false in `if`
        return False


class Folder:
    """The templates of one folder. ``files`` maps names relative to ``root`` to their text."""

    def __init__(self, root: str, files: Mapping[str, str]) -> None:
        self.root = root
        self.files = files
        self.flaws: list[Flaw] = []
        self._environment: Environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(files.get),
            undefined=Unset,
            autoescape=lambda name: bool(name and name.endswith(".html")),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.clear()
        self._trees: dict[str, nodes.Template] = {}

    def file(self, name: str) -> str:
        return f"{self.root}/{name}"

    def check(self, name: str) -> tuple[Flaw, ...]:
        """Return what is wrong with one template; nothing is run."""
        try:
            tree = self._tree(name)
        except TemplateSyntaxError as error:
            wrong = f"This is not a valid template: {(error.message or '').rstrip('.')}."
            return (Flaw(self.file(name), error.lineno, 0, wrong, "Compare it with the shipped letters."),)
        assigned = {n.target.name for n in tree.find_all(nodes.Assign) if isinstance(n.target, nodes.Name)}
        flaws = list(self._walk(tree, name, assigned, 0))
        return tuple(dict.fromkeys(flaws))

    def kinds_asked(self, name: str) -> frozenset[str]:
        """Return the values that a checked template compares ``kind`` with."""
        tree = self._tree(name)
        return frozenset(
            str(operand.expr.value)
            for comparison in tree.find_all(nodes.Compare)
            if isinstance(comparison.expr, nodes.Name) and comparison.expr.name == "kind"
            for operand in comparison.ops
            if isinstance(operand.expr, nodes.Const)
        )

    def _tree(self, name: str) -> nodes.Template:
        """Return the syntax tree of a template, parsed once: that was half of what loading letters costs."""
        tree = self._trees.get(name)
        if tree is None:
            tree = self._trees[name] = self._environment.parse(self.files[name], name)
        return tree

    def compile(self, name: str) -> Render:
        """Return the function that renders one checked template; its tree is not kept."""
        code = self._environment.compile(self._tree(name), name)
        del self._trees[name]
        template = Template.from_code(self._environment, code, self._environment.make_globals(None))

        def render(values: Mapping[str, Any]) -> str:
            pieces: list[str] = []
            length = 0
            try:
                for piece in template.generate(values):
                    length += len(piece)
                    if length > MAX_OUTPUT:
                        raise ConfigurationError(
                            Flaw(self.file(name), 0, 0, "The letter is far too long.", "Shorten it to 150 words.")
                        )
                    pieces.append(piece)
            except UndefinedError as error:
                line = _template_line(error, name)
                raise ConfigurationError(Flaw(self.file(name), line, 0, _unset_words(error), _UNSET_FIX)) from None
            except TemplateError as error:
                raise ConfigurationError(
                    Flaw(
                        self.file(name),
                        _template_line(error, name),
                        0,
                        "The letter cannot be written.",
                        "See its template.",
                    )
                ) from None
            return "".join(pieces)

        return render

    def _walk(self, node: nodes.Node, name: str, assigned: set[str], depth: int) -> list[Flaw]:
        flaws: list[Flaw] = []

        def wrong(what: str, fix: str) -> None:
            flaws.append(Flaw(self.file(name), node.lineno, 0, what, fix))

        match node:
            case nodes.Name(ctx="load") if node.name not in VARIABLES and node.name not in assigned:
                near = closest(node.name, (*VARIABLES, *assigned))
                wrong(f"There is no `{node.name}` in letters.", f"Did you mean `{near}`?" if near else _KNOWN_FIX)
            case nodes.Getattr(node=nodes.Name(name=base)) if base in VARIABLES and node.attr not in VARIABLES[base]:
                near = closest(node.attr, VARIABLES[base])
                fix = (
                    f"Did you mean `{base}.{near}`?"
                    if near
                    else f"`{base}` has: {', '.join(VARIABLES[base]) or 'nothing'}."
                )
                wrong(f"There is no `{base}.{node.attr}` in letters.", fix)
            case nodes.Filter() if node.name not in _FILTERS:
                wrong(
                    f"The filter `{node.name}` is not used in letters.",
                    f"The filters are: {', '.join(sorted(_FILTERS))}.",
                )
            case nodes.For():
                over = node.iter.name if isinstance(node.iter, nodes.Name) else getattr(node.iter, "attr", "")
                depth += 1
                if over not in _LISTS or depth > MAX_LOOP_DEPTH or node.recursive:
                    wrong("A loop may only run over our lists.", f"Write one of: {', '.join(sorted(_LISTS))}.")
                elif isinstance(node.target, nodes.Name) and node.target.name not in VARIABLES:
                    assigned = {*assigned, node.target.name}
            case nodes.Extends() | nodes.Include():
                target = node.template.value if isinstance(node.template, nodes.Const) else None
                if target not in self.files or (isinstance(node, nodes.Include) and target == name):
                    wrong(
                        f"There is no template {target or 'of that name'}.", "Name a file below this folder in quotes."
                    )
            case _ if not isinstance(node, _NODES):
                wrong(
                    f"`{type(node).__name__.lower()}` is not used in letters.",
                    "Use text, `if`, `for` and the known names.",
                )
        for child in node.iter_child_nodes():
            flaws += self._walk(child, name, assigned, depth)
        return flaws


_KNOWN_FIX = "The names are: business, customer, kind, removed, ways, reference, kept_days, language."
_UNSET_FIX = "Set it under `business:` in pansentry.yaml, or put this part of the letter inside `{% if … %}`."


def _unset_words(error: UndefinedError) -> str:
    found = str(error.message or "").split("'")
    name = found[-2] if len(found) > 2 else "a name"
    return f"`business.{name}` is printed here but not set."


def _template_line(error: BaseException, name: str) -> int:
    """Return the template line at which rendering failed; Jinja2 rewrites its tracebacks to template lines."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in {name, "<template>"}:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
