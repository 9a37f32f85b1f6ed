"""Embedding models: the bundled multilingual-e5-small, or any sentence-transformers model by configuration."""

from index.embed.base import FloatMatrix, FloatVector, ModelIdentity, PolicyEmbeddings
from index.embed.load import load_embeddings

__all__ = ["FloatMatrix", "FloatVector", "ModelIdentity", "PolicyEmbeddings", "load_embeddings"]
