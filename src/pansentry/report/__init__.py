"""Reports: a month in numbers, what PCI DSS asks of each event, and both as a PDF."""

from pansentry.report.month import Month, Report, month_of
from pansentry.report.pack import Incident, Pack, pack_of

__all__ = ["Incident", "Month", "Pack", "Report", "month_of", "pack_of"]
