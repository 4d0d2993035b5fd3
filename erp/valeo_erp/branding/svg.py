"""A logo as SVG: shapes and colours, and nothing that runs, loads, refers elsewhere or needs a font. Pure."""

import math
import re
from collections.abc import Iterable, Iterator

import tinycss2
from lxml import etree

from valeo_erp.kernel.problems import Failure

MOST_ELEMENTS = 2_000
DEEPEST = 30
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_GRADIENTS = frozenset({"linearGradient", "radialGradient"})
_ELEMENTS = _GRADIENTS | {
    "svg", "g", "defs", "title", "desc", "style", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
    "stop", "clipPath",
}  # fmt: skip
_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla", "matrix", "translate", "rotate", "scale", "skewx", "skewy"})
_LOCAL = re.compile(r"#[\w.-]{1,100}")
_NEEDS_LOOK = re.compile(r"[(\\@]|/\*")
_ADVICE = {
    "script": "Scripts do not run on paper; take it out.",
    "foreignObject": "HTML inside of a picture is not printed; take it out.",
    "text": "Turn text into paths, so that it looks the same without its font.",
    "image": "Pictures inside of a picture are not printed; draw it or send a PNG.",
    "use": "Repeat the shapes themselves instead (in Inkscape: unlink the clone).",
}


def cleaned_svg(content: bytes) -> tuple[bytes, list[Failure]]:
    """The picture, written anew without comments, and everything that stands against it."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return b"", [_against("not_xml", f"The file can not be read as XML: {str(error)[:150]}.")]
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        words = "A logo has no DOCTYPE and no entities. Export it as plain SVG."
        return b"", [_against("doctype", words)]
    if root.tag != f"{_SVG}svg":
        return b"", [_against("no_svg", f"The file begins with {_name(root)}, expected svg of {_SVG[1:-1]}.")]
    failures = list(_faults(root))
    return (b"", failures[:20]) if failures else (etree.tostring(root, encoding="utf-8", xml_declaration=True), [])


def _faults(root: etree._Element) -> Iterator[Failure]:
    nodes = list(root.itersiblings()) + list(root.itersiblings(preceding=True)) + list(root.iter())
    if len(nodes) > MOST_ELEMENTS:
        yield _against("elements", f"The picture has {len(nodes)} elements; a logo has at most {MOST_ELEMENTS}.")
        return
    if (depth := _depth(root)) > DEEPEST:
        yield _against("depth", f"The elements are {depth} deep; a logo has at most {DEEPEST}.")
        return
    yield from _size_faults(root)
    ids = {node.get("id"): node for node in root.iter(etree.Element) if node.get("id")}
    for node in nodes:
        yield from _node_faults(node, ids)


def _node_faults(node: etree._Element, ids: dict[str, etree._Element]) -> Iterator[Failure]:
    if not isinstance(node.tag, str):
        yield _against("instruction", "A logo has no processing instructions and no entities. Export it as plain SVG.")
        return
    name = _name(node)
    if not node.tag.startswith(_SVG) or name not in _ELEMENTS:
        advice = _ADVICE.get(name, "Export it as plain SVG with paths only.")
        yield _against("element", f"The element {name} is not printed. {advice}", element=name)
        return
    for attribute, value in node.attrib.items():
        yield from _attribute_faults(node, str(attribute), str(value), ids)
    if name == "style":
        yield from _css_faults(node.text or "", "style")


def _attribute_faults(
    node: etree._Element, attribute: str, value: str, ids: dict[str, etree._Element]
) -> Iterator[Failure]:
    name = attribute.rpartition("}")[2]
    if name.lower().startswith("on"):
        yield _against("handler", f"The attribute {name} of {_name(node)} would run a program; take it out.")
    elif attribute in {"href", _XLINK}:
        yield from _reference_faults(node, value, ids)
    elif (attribute.startswith("{") and not attribute.startswith(_XML)) or attribute == f"{_XML}base":
        yield _against("foreign", f"The attribute {name} of {_name(node)} is not of SVG. Export it as plain SVG.")
    elif name not in {"d", "points", "id", "class"} and _NEEDS_LOOK.search(value):
        yield from _css_faults(value, f"{name} of {_name(node)}")
        if "url(" in value and any(_name(each) == "clipPath" for each in (node, *node.iterancestors())):
            yield _against("nested", "What clips can not itself refer to something. Release the clip inside of it.")


def _reference_faults(node: etree._Element, value: str, ids: dict[str, etree._Element]) -> Iterator[Failure]:
    target = ids.get(value.removeprefix("#"))
    chained = target is not None and (target.get("href") or target.get(_XLINK))
    if _name(node) not in _GRADIENTS or not _LOCAL.fullmatch(value):
        words = f"{_name(node)} refers to {value[:60]!r}; a logo refers to nothing outside of itself."
        yield _against("reference", words)
    elif target is None or _name(target) not in _GRADIENTS or chained:
        yield _against("reference", f"{_name(node)} refers to {value[:60]!r}, which is no gradient of its own stops.")


def _css_faults(text: str, where: str) -> Iterator[Failure]:
    for token in _tokens(tinycss2.parse_component_value_list(text, skip_comments=True)):
        if token.type == "at-keyword":
            yield _against("style", f"{where}: @{token.value[:30]} is not allowed; only colours and lines are.")
        elif token.type == "url" and not _LOCAL.fullmatch(token.value):
            yield _against("reference", f"{where} loads {token.value[:60]!r}; a logo loads nothing.")
        elif token.type == "function" and not _harmless(token):
            yield _against("style", f"{where}: {token.name[:30]}() is not allowed.")
        elif token.type == "error":
            yield _against("style", f"{where} can not be read: {token.message[:60]}.")


def _harmless(function: tinycss2.ast.FunctionBlock) -> bool:
    if function.lower_name in _FUNCTIONS:
        return True
    given = [token for token in function.arguments if token.type != "whitespace"]
    local = len(given) == 1 and given[0].type == "string" and _LOCAL.fullmatch(given[0].value)
    return function.lower_name == "url" and bool(local)


def _tokens(tokens: Iterable[tinycss2.ast.Node]) -> Iterator[tinycss2.ast.Node]:
    for token in tokens:
        yield token
        yield from _tokens(getattr(token, "content", None) or getattr(token, "arguments", None) or ())


def _size_faults(root: etree._Element) -> Iterator[Failure]:
    try:
        box = [float(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    except ValueError:
        box = []
    if len(box) != 4 or not all(map(math.isfinite, box)) or min(box[2:]) <= 0:  # noqa: PLR2004 - x, y, width, height
        yield _against("size", 'The picture does not say how large it is: svg needs a viewBox such as "0 0 300 100".')


def _depth(root: etree._Element) -> int:
    return 1 + max((sum(1 for _ in leaf.iterancestors()) for leaf in root.iter() if len(leaf) == 0), default=0)


def _name(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2][:60]


def _against(what: str, words: str, **facts: str) -> Failure:
    return Failure(f"logo_{what}", words, "logo", facts)
