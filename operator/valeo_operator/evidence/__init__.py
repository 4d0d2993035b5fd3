"""Evidence for go-live gates: reports of test and security tools, read strictly, bound to one image, judged."""
