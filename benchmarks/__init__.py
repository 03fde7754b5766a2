"""Programs that measure; each prints its figures with their date, versions and machine."""
