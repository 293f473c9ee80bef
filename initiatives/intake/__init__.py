"""Spreadsheets in: reading what somebody has uploaded, showing what it would change, and writing what they choose.

``reading`` turns a file into rows and refuses what is no spreadsheet, ``table`` finds the columns by their headings,
``items`` says what each row would change, ``uploads`` keeps the rows until they are confirmed. ``writing`` makes the
workbooks that come back. What a row means is the business of whoever registers a kind (``uploads.kind``).
"""
