"""What people say about a document: written once, seen by everybody who may read it."""
