"""Signing in through an organisation's own identity provider (OpenID Connect).

``tokens`` says whether an ID token holds, ``claims`` what it gives, ``tying`` who that is here, and ``adapter``
hangs them in allauth. Whatever is wrong is a ``Refused`` with a ``Reason``.
"""
