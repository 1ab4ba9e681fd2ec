"""Many runs side by side: comparison, report, their pages and figures."""
