"""Use cases that span domains: each is one transaction and one sentence of business."""
