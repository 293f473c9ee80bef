"""The municipality's workbook: its answers to a round and its local actions, out to Excel and in again.

``answers`` and ``actions`` say what their sheets hold and what a row that comes back means; ``making`` puts the
workbook together, ``taking`` reads one.
"""
