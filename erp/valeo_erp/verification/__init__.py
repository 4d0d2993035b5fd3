"""Whether a paper is genuine: the keyed hash that is printed on it, and the page that checks it for anybody."""
