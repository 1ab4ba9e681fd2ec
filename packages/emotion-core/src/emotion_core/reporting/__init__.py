"""Many runs side by side: comparison, report, their pages and figures."""

from emotion_core.imports import needs

needs("study", "pandas", who="comparing and reporting")
