"""The steps from the served document to the generated package, a file or a folder each.

In the order in which `run` takes them: fetch, repair, overlay, supplement, diff, retire, shape, validate, generate, reconcile (with
inertness), examples, coverage, swap. What all of them handle is in `published` and `document`.
"""
