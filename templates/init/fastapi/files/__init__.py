"""Vapi in this application: `webhook.router` answers its server messages."""
