"""Runs several programs as one: starts, watches, restarts and stops them, leaving none behind."""

from shared.supervisor.child import Child
from shared.supervisor.supervisor import Supervisor

__all__ = ["Child", "Supervisor"]
