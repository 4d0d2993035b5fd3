"""The invoice for machines: EN 16931 as CII, inside of the PDF (ZUGFeRD) and by itself (XRechnung)."""
