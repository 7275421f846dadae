"""Vapi in this application: its server messages are answered here, by the tools in `tools.py`."""
