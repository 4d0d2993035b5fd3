"""The resources of the group valeoerp.io: what they hold, and the rules that the API server keeps for them."""

from typing import Final

GROUP: Final = "valeoerp.io"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
