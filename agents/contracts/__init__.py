"""What vigie promises its neighbours, made from the code: JSON Schemas, an AsyncAPI document, and what may change in them."""

from agents.contracts.asyncapi import document
from agents.contracts.compatible import Finding, compare
from agents.contracts.schemas import EVENTS, schema

__all__ = ["EVENTS", "Finding", "compare", "document", "schema"]
