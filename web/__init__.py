"""The pieces of the chat page that app.py puts together."""
