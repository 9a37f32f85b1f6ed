"""The stored index: generations of SQLite, FAISS and BM25 files, written whole and read as snapshots.

LangChain's view of it is `index.store.vectorstore.ClauseVectorStore`, apart because it imports LangChain.
"""

from index.store.generation import IndexBusyError
from index.store.manifest import Counts, FileRecord, Manifest
from index.store.reader import Hit, IndexHandle, IndexReader

__all__ = ["Counts", "FileRecord", "Hit", "IndexBusyError", "IndexHandle", "IndexReader", "Manifest"]
