"""Files that belong to a document: what they are is seen in their content, and they never change."""
