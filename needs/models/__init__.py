"""What is wanted."""

from needs.models.need import CooperationMode, Need, NeedIndicator, NeedType

__all__ = ["CooperationMode", "Need", "NeedIndicator", "NeedType"]
