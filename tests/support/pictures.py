"""What a camera sees on a printed page."""

import pypdfium2
import zxingcpp

QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def qr_codes(pdf: bytes) -> list[str]:
    """The texts of all QR codes of a document, as a phone reads them from the rendered pages."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            code.text for page in document for code in zxingcpp.read_barcodes(page.render(scale=3).to_pil(), formats=QR)
        ]
    finally:
        document.close()
