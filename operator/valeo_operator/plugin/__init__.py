"""`kubectl valeo`: what a person asks and decides, in one word each. Everything can be done with kubectl too."""
