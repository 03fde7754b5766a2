"""Asks a Voltagraph service: tables, graphs and training sets, whole or not at all.

from voltagraph_client import Client

client = Client("https://search.example.org", token="vg_…")
cells = client.dataframe("cells-above-a-capacity", minimum=100)
"""

from voltagraph_client.client import Client, SavedQuery
from voltagraph_client.datasets import DataFile, Dataset
from voltagraph_client.errors import (
    AuthenticationError,
    BusyError,
    DatasetError,
    IncompleteAnswerError,
    LimitError,
    NotFoundError,
    QueryError,
    ServiceError,
    UnreachableError,
    VoltagraphError,
)
from voltagraph_client.transport import Answer, OnProgress, Progress, show_progress

__all__ = [
    "Answer",
    "AuthenticationError",
    "BusyError",
    "Client",
    "DataFile",
    "Dataset",
    "DatasetError",
    "IncompleteAnswerError",
    "LimitError",
    "NotFoundError",
    "OnProgress",
    "Progress",
    "QueryError",
    "SavedQuery",
    "ServiceError",
    "UnreachableError",
    "VoltagraphError",
    "show_progress",
]
