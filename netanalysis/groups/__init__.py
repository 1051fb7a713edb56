"""Networks of many people: one network for all, tests of edges and components, prediction, reliability."""
