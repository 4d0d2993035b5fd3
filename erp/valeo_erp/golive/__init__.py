"""The go-live gates of the installation, as the operator shows them to those who run it."""
