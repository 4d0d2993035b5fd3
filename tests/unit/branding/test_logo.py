"""A logo is a small PNG or a plain SVG, and nothing that runs, loads, or blows up."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo
from tests.support.brands import SVG, chunk, png, png_that_says, svg

from valeo_erp.branding.logo import MOST_BYTES, accepted_logo
from valeo_erp.branding.png import MOST_PIXELS_A_SIDE
from valeo_erp.branding.svg import DEEPEST, MOST_ELEMENTS
from valeo_erp.kernel.problems import Problem


def refusal(content: bytes) -> dict[str, str]:
    """The messages by their codes."""
    with pytest.raises(Problem) as seen:
        accepted_logo(content)
    assert (seen.value.status, seen.value.code) == (422, "faulty_logo")
    assert {failure.field for failure in seen.value.failures} == {"logo"}
    return {failure.code: failure.message for failure in seen.value.failures}


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
def test_a_png_is_written_anew_with_the_same_pixels(mode: str) -> None:
    sent = io.BytesIO()
    Image.open(io.BytesIO(png())).convert(mode).save(sent, "PNG")

    kept = accepted_logo(sent.getvalue())

    assert kept.media_type == "image/png"
    before, after = Image.open(io.BytesIO(sent.getvalue())), Image.open(io.BytesIO(kept.content))
    assert after.mode in {"RGB", "RGBA"}
    assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()
    assert accepted_logo(kept.content) == kept


def test_what_a_png_tells_besides_its_pixels_is_left_out() -> None:
    told = PngInfo()
    told.add_text("GPS", "52.96 N 10.56 E")
    sent = io.BytesIO()
    Image.new("RGB", (4, 4)).save(
        sent, "PNG", pnginfo=told, dpi=(300, 300), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
    )

    kept = accepted_logo(sent.getvalue()).content

    assert b"52.96" in sent.getvalue()
    assert [name for name in (b"tEXt", b"eXIf", b"pHYs", b"iCCP") if name in kept] == []


@pytest.mark.parametrize("size", [(MOST_PIXELS_A_SIDE + 1, 10), (10, MOST_PIXELS_A_SIDE + 1), (60_000, 60_000)])
def test_a_picture_that_is_huge_in_memory_is_refused_by_its_head(size: tuple[int, int]) -> None:
    bomb = png_that_says(*size, pixels=bytes(100_000))
    assert len(bomb) < 1_000

    assert f"{size[0]} x {size[1]} pixels" in refusal(bomb)["logo_too_many_pixels"]


def test_a_png_that_holds_more_than_it_says_takes_no_more_than_it_says() -> None:
    kept = accepted_logo(png_that_says(10, 10, pixels=bytes(50_000_000)))
    assert Image.open(io.BytesIO(kept.content)).size == (10, 10)


def test_text_that_unpacks_to_very_much_is_refused() -> None:
    import zlib  # noqa: PLC0415 - only here

    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 9))
    whole = png(4, 4)
    assert refusal(whole[:33] + bomb + whole[33:]).keys() == {"logo_damaged"}


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n", png()[:60], png()[:8] + b"\0" * 40, png_that_says(0, 5), png_that_says(9, 9, b"short")],
)
def test_what_only_begins_like_a_png_is_refused(content: bytes) -> None:
    assert refusal(content).keys() == {"logo_damaged"}


def test_half_a_png_is_refused_also_where_weasyprint_told_pillow_to_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert refusal(png()[:60]).keys() == {"logo_damaged"}
    assert ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_picture_that_moves_is_refused() -> None:
    sent = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "green")]
    frames[0].save(sent, "PNG", save_all=True, append_images=frames[1:])
    assert refusal(sent.getvalue()).keys() == {"logo_animated"}


def test_too_many_bytes_are_refused_with_their_number() -> None:
    assert f"{MOST_BYTES + 1} bytes" in refusal(b"<" * (MOST_BYTES + 1))["logo_too_large"]


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\xff\xd8\xff\xe0", b"%PDF-1.7", b"PK\x03\x04", b"\x1f\x8b\x08", b"RIFF....WEBP"]
)
def test_what_it_is_is_told_by_its_bytes(content: bytes) -> None:
    assert refusal(content).keys() == {"logo_type"}


def test_a_plain_svg_is_kept_without_its_comments() -> None:
    kept = accepted_logo(SVG)
    assert kept.media_type == "image/svg+xml"
    assert b"drawn by hand" in SVG
    assert b"drawn by hand" not in kept.content
    assert etree.fromstring(kept.content).get("viewBox") == "0 0 300 100"
    assert accepted_logo(kept.content) == kept


ENTITIES = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
HOSTILE = {
    "<script>alert(1)</script>": "logo_element",
    '<script href="http://evil.example/a.js"/>': "logo_element",
    "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'>x</body></foreignObject>": "logo_element",
    '<image href="http://evil.example/a.png"/>': "logo_element",
    '<image href="file:///etc/passwd"/>': "logo_element",
    '<use href="#a"/>': "logo_element",
    '<use xlink:href="http://evil.example/a.svg#a"/>': "logo_element",
    '<a href="javascript:alert(1)"><path d="M0 0"/></a>': "logo_element",
    "<text>Hofmann</text>": "logo_element",
    '<animate attributeName="x"/>': "logo_element",
    '<set attributeName="onload"/>': "logo_element",
    '<filter id="f"><feImage href="http://evil.example/"/></filter>': "logo_element",
    "<pattern id='p'/>": "logo_element",
    "<mask id='m'/>": "logo_element",
    "<iframe xmlns='http://www.w3.org/1999/xhtml'/>": "logo_element",
    "<x:thing xmlns:x='urn:x'/>": "logo_element",
    '<path onload="alert(1)"/>': "logo_handler",
    '<path ONCLICK="alert(1)"/>': "logo_handler",
    '<g onmouseover="alert(1)"/>': "logo_handler",
    '<path fill="url(http://evil.example/a.svg#b)"/>': "logo_reference",
    '<path fill="url(//evil.example/b)"/>': "logo_reference",
    "<path style=\"fill:url('file:///etc/passwd')\"/>": "logo_style",
    '<path style="fill:u\\72l(http://evil.example/)"/>': "logo_reference",
    '<path style="fill:/**/url(data:image/svg+xml,x)"/>': "logo_reference",
    '<path style="fill:image-set(x)"/>': "logo_style",
    '<path style="width:expression(alert(1))"/>': "logo_style",
    "<style>@import 'http://evil.example/a.css';</style>": "logo_style",
    "<style>@font-face { src: url(http://evil.example/a.woff) }</style>": "logo_style",
    "<style>path { fill: url(http://evil.example/) }</style>": "logo_reference",
    "<style>p { background: u\\72 l(http://evil.example/) } @\\69mport 'x';</style>": "logo_style",
    '<style>path { content: "a\nb" }</style>': "logo_style",
    '<linearGradient id="a" href="http://evil.example/#a"/>': "logo_reference",
    '<linearGradient id="a" href="#nothing"/>': "logo_reference",
    '<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/>': "logo_reference",
    '<linearGradient id="a" href="#a"/>': "logo_reference",
    '<clipPath id="a"><path clip-path="url(#a)"/></clipPath>': "logo_nested",
    '<clipPath id="a" clip-path="url(#b)"/>': "logo_nested",
    '<path xlink:title="x"/>': "logo_foreign",
    '<g xml:base="http://evil.example/"/>': "logo_foreign",
    '<path xmlns:s="urn:sodipodi" s:nodetypes="cc"/>': "logo_foreign",
    "<?xml-stylesheet href='http://evil.example/a.css'?>": "logo_instruction",
}


@pytest.mark.parametrize(("inside", "code"), HOSTILE.items())
def test_an_svg_that_runs_loads_or_refers_is_refused_in_words(inside: str, code: str) -> None:
    found = refusal(svg(inside))
    assert code in found, found
    assert found[code].endswith((".", ")"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (svg("&b;", before=ENTITIES), "logo_doctype"),
        (svg("&x;", before=OUTSIDE), "logo_doctype"),
        (svg(before="<!DOCTYPE svg>"), "logo_doctype"),
        (svg(before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://evil.example/a.dtd">'), "logo_doctype"),
        (svg(before="<?xml-stylesheet href='http://evil.example/a.css'?>"), "logo_instruction"),
        (b"<svg viewBox='0 0 1 1'/>", "logo_no_svg"),
        (b"<html><svg/></html>", "logo_no_svg"),
        (b"<svg", "logo_not_xml"),
        (svg()[:-4], "logo_not_xml"),
        (b"<?xml version='1.0' encoding='nonsense'?><svg/>", "logo_not_xml"),
        (svg(attributes='viewBox="0 0 300 100" onload="alert(1)"'), "logo_handler"),
        (svg(attributes='width="300" height="100"'), "logo_size"),
        (svg(attributes='viewBox="0 0 0 100"'), "logo_size"),
        (svg(attributes='viewBox="0 0 nan inf"'), "logo_size"),
        (svg(attributes='viewBox="0 0 300"'), "logo_size"),
        (svg("<path/>" * MOST_ELEMENTS), "logo_elements"),
        (svg("<g>" * DEEPEST + "</g>" * DEEPEST), "logo_depth"),
    ],
)
def test_a_file_that_is_no_plain_svg_is_refused_in_words(content: bytes, code: str) -> None:
    found = refusal(content)
    assert code in found, found
    assert len(found[code]) > 30


@pytest.mark.timeout(5)
def test_a_very_deep_file_ends_soon() -> None:
    assert refusal(svg("<g>" * 20_000 + "</g>" * 20_000)).keys() == {"logo_not_xml"}


def outcome(content: bytes) -> str:
    try:
        accepted_logo(content)
    except Problem as problem:
        return problem.code
    return "kept"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_logo_or_are_refused(content: bytes) -> None:
    assert outcome(content) in {"kept", "faulty_logo"}


@given(st.sampled_from([png(), SVG]), st.data())
def test_a_logo_with_some_bytes_changed_is_a_logo_or_is_refused(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=5)):
        damaged[at] = data.draw(st.integers(0, 255))
    assert outcome(bytes(damaged)) in {"kept", "faulty_logo"}
