"""KL's own spreadsheets of statuses: a wide sheet of a day, or the long form that the log is exported in.

``words`` knows what is written for each status, ``columns`` the headings, ``taking`` reads a file into the rows of an
upload, ``reading`` says what the rows mean, ``looking`` what they would add to the log, and ``report`` what was
understood.
"""
