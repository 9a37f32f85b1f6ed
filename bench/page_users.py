"""Users of the application for `locust`, which `bench.page` starts in a process of its own: it patches the sockets.

A user opens the page once, then mostly asks, each time in a new conversation, and thinks for a second between two
requests. An answer that breaks off or is an error counts as a failure.
"""

from __future__ import annotations

import random

from locust import HttpUser, between, task

from bench.served import questions

QUESTIONS = questions()


class Person(HttpUser):
    """One enterprise at the page."""

    wait_time = between(0.5, 1.5)

    def on_start(self) -> None:
        """Opening the page."""
        self.page()
        self.examples()

    @task(6)
    def ask(self) -> None:
        """A question, its stream read to the end."""
        body = {"question": random.choice(QUESTIONS), "language": "zh"}
        with self.client.post("/page/ask", json=body, catch_response=True) as answered:
            if answered.status_code != 200 or not (answered.text or "").startswith("event: answer"):
                answered.failure(f"{answered.status_code} {(answered.text or '')[:200]}")

    @task
    def page(self) -> None:
        """The page itself."""
        self.client.get("/")

    @task
    def examples(self) -> None:
        """What the page shows before the first question."""
        self.client.get("/page/start", name="/page/start")

    @task
    def health(self) -> None:
        """What a monitor asks."""
        self.client.get("/healthz")
