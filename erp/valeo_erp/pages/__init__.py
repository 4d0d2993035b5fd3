"""The web page for end users: server-rendered, live."""
