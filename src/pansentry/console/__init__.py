"""The admin's web pages, served by the gateway itself.

In: HTTP on a loopback port. Out: pages that work without JavaScript, the same facts as JSON under ``/api/v1``, numbers
for Prometheus. Every page and action is one row of :data:`pansentry.console.routes.ROUTES` with the task it needs
(:mod:`pansentry.permissions`); what has no row does not exist, and without a session nothing but signing in does.
Nothing that is shown holds a digit of a card: the store has none.
"""
