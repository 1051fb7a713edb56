"""Faults put into the code one at a time: do the tests of their own file notice? (``make mutants``)"""
