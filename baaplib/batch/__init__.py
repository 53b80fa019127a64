"""Notebooks to reports: plan what is asked, run it in parallel, publish it whole, record it."""
