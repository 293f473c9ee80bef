"""Indicators in: files with figures per municipality and year, as STAR, KRL and Statistics Denmark publish them.

``numbers`` says how a cell is understood, ``columns`` looks at the beginning of a file and says what its columns may
be, ``reading`` turns the file into rows, ``working`` is what the worker does. The steps that a file goes through are
the verbs of ``FigureImport``; what saving it would change is ``initiatives.models.figure_rows.compare``.
"""
