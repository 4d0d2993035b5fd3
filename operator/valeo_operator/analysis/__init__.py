"""How a release does by the numbers of its pods: read from each pod, judged against limits and the release before."""
